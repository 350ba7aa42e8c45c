package myna

// RoomKind is the one difference between channels and conversations. The numbers are stored.
type RoomKind uint8

const (
	OpenRoom   RoomKind = 1 // public channel: anybody may find, read after joining, and join
	ClosedRoom RoomKind = 2 // private channel: by invitation
	DirectRoom RoomKind = 3 // note to self, one-to-one or group conversation; no name needed
)

func (k RoomKind) String() string {
	switch k {
	case ClosedRoom:
		return "closed"
	case DirectRoom:
		return "direct"
	default:
		return "open"
	}
}

// ParseRoomKind reads "open", "closed" or "direct"; the error is of kind Invalid.
func ParseRoomKind(s string) (RoomKind, error) {
	for _, k := range []RoomKind{OpenRoom, ClosedRoom, DirectRoom} {
		if k.String() == s {
			return k, nil
		}
	}
	return 0, Errorf(Invalid, CodeBadValue, "%q is not a kind of room: use open, closed or direct", clip([]byte(s))).In("kind")
}

// Room is the room itself, one row of its own scope. What moves with every message (the newest seq,
// the head rev) stands in RoomHead, not here.
type Room struct {
	ID         RoomID
	Kind       RoomKind
	Name       string // "" in conversations that nobody named
	Topic      string
	Pair       bool // a note to self or a one-to-one: nobody can be added or removed, and it is unique
	Default    bool // everybody joins it when they register
	CreatedBy  UserID
	CreatedAt  Time
	ArchivedAt Time
	Rev        int64
}

// Head is where a scope stands: its newest rev and, for rooms, the newest message's seq.
type Head struct {
	Rev int64
	Seq int64
}
