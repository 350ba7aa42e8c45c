package myna

// RowKind names what a change carries.
type RowKind string

const (
	KindRoom        RowKind = "room"
	KindMember      RowKind = "member"
	KindMessage     RowKind = "message"
	KindMembership  RowKind = "membership"
	KindDraft       RowKind = "draft"
	KindPreferences RowKind = "preferences"
	KindUser        RowKind = "user"
	KindSettings    RowKind = "settings"
)

// Row is one lasting row a client can see: Room, Member, Message, Membership, Draft, Preferences, User
// or Settings.
type Row interface {
	RowKind() RowKind
}

func (Room) RowKind() RowKind        { return KindRoom }
func (Member) RowKind() RowKind      { return KindMember }
func (Message) RowKind() RowKind     { return KindMessage }
func (Membership) RowKind() RowKind  { return KindMembership }
func (Draft) RowKind() RowKind       { return KindDraft }
func (Preferences) RowKind() RowKind { return KindPreferences }
func (User) RowKind() RowKind        { return KindUser }
func (Settings) RowKind() RowKind    { return KindSettings }

// Change says that a row of a scope became what it now is, at Rev. It always carries the whole row, so
// applying it is an upsert and applying it twice is harmless.
type Change struct {
	Scope Scope
	Rev   int64
	Row   Row
}
