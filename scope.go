package myna

import "strings"

// ScopeKind says which of the three kinds of scope a row lives in. The numbers are stored.
type ScopeKind uint8

const (
	DirectoryKind ScopeKind = 1 // profiles and server settings, followed by everybody but guests
	UserKind      ScopeKind = 2 // one person's own marks, drafts and preferences
	RoomKindScope ScopeKind = 3 // a room with its messages and members
)

// Scope is a set of rows with one counter. Every lasting row a client can see belongs to one scope and
// carries the value ("rev") the counter had at the row's last change. Scopes are locked in the order
// of Compare.
type Scope struct {
	Kind ScopeKind
	ID   int64
}

// Directory is the one scope everybody shares.
func Directory() Scope { return Scope{Kind: DirectoryKind} }

// Scope of the rows only this person sees.
func (id UserID) Scope() Scope { return Scope{Kind: UserKind, ID: int64(id)} }

// Scope of the rows the room's members see.
func (id RoomID) Scope() Scope { return Scope{Kind: RoomKindScope, ID: int64(id)} }

// String is the scope's name on the wire: "directory", a user id or a room id.
func (s Scope) String() string {
	switch s.Kind {
	case UserKind:
		return UserID(s.ID).String()
	case RoomKindScope:
		return RoomID(s.ID).String()
	default:
		return "directory"
	}
}

func (s Scope) AppendText(b []byte) ([]byte, error) {
	switch s.Kind {
	case UserKind:
		return UserID(s.ID).AppendText(b)
	case RoomKindScope:
		return RoomID(s.ID).AppendText(b)
	default:
		return append(b, "directory"...), nil
	}
}

func (s Scope) MarshalText() ([]byte, error) { return s.AppendText(nil) }

func (s *Scope) UnmarshalText(b []byte) (err error) {
	*s, err = ParseScope(string(b))
	return err
}

// ParseScope reads a scope's name; the error is of kind Invalid.
func ParseScope(text string) (Scope, error) {
	switch {
	case text == "directory":
		return Directory(), nil
	case strings.HasPrefix(text, "u_"):
		id, err := ParseUserID(text)
		return id.Scope(), err
	case strings.HasPrefix(text, "r_"):
		id, err := ParseRoomID(text)
		return id.Scope(), err
	}
	return Scope{}, Errorf(Invalid, CodeBadScope, "%q is not a scope: use directory, a user id or a room id", clip([]byte(text)))
}

// Compare orders scopes the way their counters are locked: directory, people, rooms, each by number.
func (s Scope) Compare(o Scope) int {
	switch {
	case s.Kind != o.Kind:
		return int(s.Kind) - int(o.Kind)
	case s.ID < o.ID:
		return -1
	case s.ID > o.ID:
		return 1
	}
	return 0
}
