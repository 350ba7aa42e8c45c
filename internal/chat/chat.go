// Package chat is what people do: it checks the input, and hands writes to the journal (which decides
// the rights in the transaction that carries the write out) and reads to the store (whose queries join
// the reader's membership). REST, WebSocket, bots and the command line all come through here.
//
// A Chat is safe for concurrent use.
package chat

import (
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/store"
)

// Chat carries out what a principal asks for.
type Chat struct {
	store   *store.Store
	journal *journal.Journal
	now     func() time.Time
}

// Options of New; the zero value works.
type Options struct {
	Now func() time.Time // time.Now if nil
}

// New makes a Chat over st and j.
func New(st *store.Store, j *journal.Journal, o Options) *Chat {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Chat{store: st, journal: j, now: o.Now}
}

// FollowedRoom is a room with the asker's place in it and all that a line of the room list shows.
type FollowedRoom = store.FollowedRoom

// Followed is one scope a person's devices listen to.
type Followed = store.Followed

// Page is a part of a room's history, in seq order.
type Page = store.Page

// HistoryQuery says which part: at most one of Before, After and Around is not 0; none means the newest.
type HistoryQuery = store.HistoryQuery

// Changes are the rows of a scope after a cursor.
type Changes = store.Changes

// MemberPage is a part of a room's members, by user id.
type MemberPage = store.MemberPage

// BrowsePage is a part of the open rooms, by room id.
type BrowsePage = store.BrowsePage

// BrowsedRoom is an open room as found by somebody who may not be in it.
type BrowsedRoom = store.BrowsedRoom

// Sync is what a first screen needs.
type Sync = store.Sync

// PostInput is something to be said.
type PostInput struct {
	Room  myna.RoomID
	Nonce myna.Nonce
	Text  string
}

// Posted is where it ended up; the same for ever for the same author and nonce.
type Posted struct {
	Room      myna.RoomID
	Seq       int64
	Rev       int64
	CreatedAt myna.Time
}

// NewRoom is a channel (with a name) or a conversation (with people) to be made.
type NewRoom struct {
	Nonce   myna.Nonce
	Kind    myna.RoomKind
	Name    string
	Topic   string
	Members []myna.UserID // besides the maker
}

// RoomPatch changes what is not nil.
type RoomPatch struct {
	Name     *string
	Topic    *string
	Archived *bool
}

// MembershipPatch changes what is not nil.
type MembershipPatch struct {
	Favorite *bool
	Muted    *bool
}

// ProfilePatch changes what is not nil.
type ProfilePatch struct {
	Name *string
}

// PreferencesPatch changes what is not nil.
type PreferencesPatch struct {
	Theme    *string
	Language *string
	EnterKey *string
}

// SettingsPatch changes what is not nil.
type SettingsPatch struct {
	Name         *string
	Registration *string
}
