package client

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// An Event is one of Change, Reset, Signal, Connected and Disconnected.
type Event interface{ event() }

// Change says that a row became what it now is. Of one scope every change comes once, in rev order;
// what changed several times while the connection was away comes once, as it is now.
type Change struct {
	Scope myna.Scope
	Rev   int64
	Row   any // wire.Message, Room, Member, Membership, Draft, Preferences, User or Settings
}

// Reset says that the cursor of a scope was too far behind: load what you need of it anew (API.Messages
// for a room); changes continue after Head.
type Reset struct {
	Scope myna.Scope
	Head  int64
}

// Signal is typing or presence: true now, stored nowhere.
type Signal struct{ wire.Signal }

// Connected follows every successful dial.
type Connected struct{ wire.Ready }

// Disconnected says that the line is down and when the next attempt comes.
type Disconnected struct {
	Err   error
	Retry time.Duration
}

func (Change) event()       {}
func (Reset) event()        {}
func (Signal) event()       {}
func (Connected) event()    {}
func (Disconnected) event() {}

// rawChange is a change whose row is still to be decoded by its kind.
type rawChange struct {
	Scope myna.Scope      `json:"scope"`
	Rev   int64           `json:"rev"`
	Kind  myna.RowKind    `json:"kind"`
	Row   json.RawMessage `json:"row"`
}

type rawChanges struct {
	Ref   int64       `json:"ref"`
	Scope myna.Scope  `json:"scope"`
	Rows  []rawChange `json:"rows"`
	Head  int64       `json:"head"`
	More  bool        `json:"more"`
	Reset bool        `json:"reset"`
}

func (r rawChange) decode() (Change, error) {
	row, err := decodeRow(r.Kind, r.Row)
	if err != nil {
		return Change{}, fmt.Errorf("%s rev %d: %w", r.Scope, r.Rev, err)
	}
	return Change{Scope: r.Scope, Rev: r.Rev, Row: row}, nil
}

func decodeRow(kind myna.RowKind, b []byte) (any, error) {
	switch kind {
	case myna.KindMessage:
		return decodeAs[wire.Message](b)
	case myna.KindRoom:
		return decodeAs[wire.Room](b)
	case myna.KindMember:
		return decodeAs[wire.Member](b)
	case myna.KindMembership:
		return decodeAs[wire.Membership](b)
	case myna.KindDraft:
		return decodeAs[wire.Draft](b)
	case myna.KindPreferences:
		return decodeAs[wire.Preferences](b)
	case myna.KindUser:
		return decodeAs[wire.User](b)
	case myna.KindSettings:
		return decodeAs[wire.Settings](b)
	}
	return json.RawMessage(b), nil // a kind this version does not know is handed on as it came
}

func decodeAs[T any](b []byte) (any, error) {
	var v T
	err := json.Unmarshal(b, &v)
	return v, err
}
