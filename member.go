package myna

// MemberRole is what a person may do in one room. The numbers are stored and ordered.
type MemberRole uint8

const (
	PlainMember MemberRole = 10
	RoomAdmin   MemberRole = 20 // renames, archives, removes people
)

func (r MemberRole) String() string {
	if r == RoomAdmin {
		return "admin"
	}
	return "member"
}

// Member is a person's place in a room as the others see it: a row of the room's scope. A person who
// left stays as a row with Left set, so that the removal itself has a rev.
type Member struct {
	Room     RoomID
	User     UserID
	Role     MemberRole
	JoinedAt Time
	Left     bool
	Rev      int64
}

// Membership is the same place as the person's own devices see it: a row of the user's scope.
type Membership struct {
	Room     RoomID
	User     UserID
	ReadSeq  int64 // everything up to this seq was read
	Favorite bool
	Muted    bool
	Left     bool
	Rev      int64
}

// Draft is text a person has not sent yet, a row of the user's scope; Text "" means there is none.
type Draft struct {
	Room      RoomID
	User      UserID
	Text      string
	UpdatedAt Time
	Rev       int64
}

// Counts are computed from rows, never stored: both stop at UnreadBound.
type Counts struct {
	Unread   int // messages of others after the read mark
	Mentions int // of those, the ones that name the reader
}
