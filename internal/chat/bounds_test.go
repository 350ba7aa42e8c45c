package chat_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// desk is a Chat over a real database.
type desk struct {
	*chat.Chat
	journal *journal.Journal
	slow    *atomic.Bool // the journal takes its time before it writes
}

func newDesk(t *testing.T, db *sqldb.DB) *desk {
	t.Helper()
	st := store.New(db)
	slow := new(atomic.Bool)
	j := journal.New(st, journal.Options{Now: func() time.Time {
		if slow.Load() {
			time.Sleep(5 * time.Millisecond)
		}
		return time.Now()
	}})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	running.Go(func() { j.Run(ctx) })
	return &desk{Chat: chat.New(st, j, chat.Options{}), journal: j, slow: slow}
}

func (d *desk) person(t *testing.T, name string) myna.Principal {
	t.Helper()
	now := time.Now()
	p := myna.Principal{User: myna.UserID(myna.NewID(now)), Role: myna.RoleMember}
	err := d.journal.Do(t.Context(), &journal.CreateUser{
		User: myna.User{ID: p.User, Username: name, Name: name, Role: p.Role, CreatedAt: myna.TimeOf(now)},
		Keys: store.UserKeys{Key: name, Skeleton: name},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func nonce() (n myna.Nonce) {
	for i := range n {
		n[i] = byte(rand.IntN(256))
	}
	return n
}

// TestNamesThatGrow: a name within the limit whose folded form is wider than its column is refused, the
// same on every engine, and not left to the database to stumble over.
func TestNamesThatGrow(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		ann := d.person(t, "ann")
		room, err := d.CreateRoom(t.Context(), ann, chat.NewRoom{Nonce: nonce(), Kind: myna.OpenRoom, Name: "nest"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ name, code string }{
			{strings.Repeat("\uFDFA", myna.MaxNameRunes), myna.CodeTooLong}, // 18 characters each
			{strings.Repeat("\u0390", myna.MaxNameRunes), myna.CodeTooLong}, // 3 each
			{strings.Repeat("\U0001F426", myna.MaxNameRunes), ""},
			{strings.Repeat("\u00DF", myna.MaxNameRunes), ""}, // ss
		} {
			_, made := d.CreateRoom(t.Context(), ann, chat.NewRoom{Nonce: nonce(), Kind: myna.OpenRoom, Name: c.name})
			_, renamed := d.UpdateRoom(t.Context(), ann, room.Room.ID, chat.RoomPatch{Name: &c.name})
			if codeOf(made) != c.code {
				t.Errorf("make %.4q…: %v, want code %q", c.name, made, c.code)
			}
			if c.code != "" && codeOf(renamed) != c.code {
				t.Errorf("rename to %.4q…: %v, want code %q", c.name, renamed, c.code)
			}
		}
	})
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return myna.AsError(err).Code
}

// TestBrowseTakesAnyText: whatever is looked for, the answer is a list, on every engine.
func TestBrowseTakesAnyText(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		ann := d.person(t, "ann")
		if _, err := d.CreateRoom(t.Context(), ann, chat.NewRoom{Nonce: nonce(), Kind: myna.OpenRoom, Name: `50%_off!\x`}); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{
			"": 1, "%": 1, "_": 1, "!": 1, `\`: 1, `\\`: 0, "'": 0, "50%": 1, "5_%": 0, "OFF": 1, "a\x00b": 0, "\xff": 0, "\u202e": 0,
		} {
			page, err := d.Browse(t.Context(), ann, query, 0, 0)
			if err != nil || len(page.Rooms) != want {
				t.Errorf("%q: %d rooms, %v; want %d", query, len(page.Rooms), err, want)
			}
		}
	})
}

// TestLongListsOfPeople are refused before the journal has to look anybody up.
func TestLongListsOfPeople(t *testing.T) {
	d := newDesk(t, sqldbtest.Open(t, sqldb.SQLite, migrations.FS))
	ann := d.person(t, "ann")
	many := make([]myna.UserID, myna.MaxPageSize+1)
	for i := range many {
		many[i] = myna.UserID(i + 1)
	}
	for _, kind := range []myna.RoomKind{myna.OpenRoom, myna.ClosedRoom, myna.DirectRoom} {
		_, err := d.CreateRoom(t.Context(), ann, chat.NewRoom{Nonce: nonce(), Kind: kind, Name: "crowd", Members: many})
		if codeOf(err) != myna.CodeTooLong {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestCallerGoesAway: an operation is carried out although nobody waits for it any more, and what it
// answers is not looked at while it is written (which the race detector sees).
func TestCallerGoesAway(t *testing.T) {
	d := newDesk(t, sqldbtest.Open(t, sqldb.SQLite, migrations.FS))
	ann := d.person(t, "ann")
	ann.Role = myna.RoleOwner
	room, err := d.CreateRoom(t.Context(), ann, chat.NewRoom{Nonce: nonce(), Kind: myna.OpenRoom, Name: "nest"})
	if err != nil {
		t.Fatal(err)
	}
	at := room.Room.ID
	for range 2 {
		if _, err := d.Post(t.Context(), ann, chat.PostInput{Room: at, Nonce: nonce(), Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	gone, leave := context.WithCancel(context.Background())
	leave()
	d.slow.Store(true)
	dark, yes, name := "dark", true, "Nest"
	for what, call := range map[string]func() error{
		"draft":   func() error { _, err := d.SetDraft(gone, ann, at, "x"); return err },
		"profile": func() error { _, err := d.UpdateProfile(gone, ann, chat.ProfilePatch{Name: &name}); return err },
		"preferences": func() error {
			_, err := d.UpdatePreferences(gone, ann, chat.PreferencesPatch{Theme: &dark})
			return err
		},
		"settings": func() error { _, err := d.UpdateSettings(gone, ann, chat.SettingsPatch{Name: &name}); return err },
		"edit":     func() error { _, err := d.Edit(gone, ann, at, 1, "y"); return err },
		"delete":   func() error { _, err := d.Delete(gone, ann, at, 2); return err },
		"read":     func() error { _, err := d.MarkRead(gone, ann, at, 1, false); return err },
		"membership": func() error {
			_, err := d.UpdateMembership(gone, ann, at, chat.MembershipPatch{Muted: &yes})
			return err
		},
		"room": func() error { _, err := d.UpdateRoom(gone, ann, at, chat.RoomPatch{Name: &name}); return err },
		"post": func() error {
			_, err := d.Post(gone, ann, chat.PostInput{Room: at, Nonce: nonce(), Text: "x"})
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
		time.Sleep(15 * time.Millisecond) // until the next call nothing orders this one before the write
	}
	d.slow.Store(false)
	if _, err := d.UpdatePreferences(t.Context(), ann, chat.PreferencesPatch{Language: new(string)}); err != nil {
		t.Fatal(err)
	}
	all, err := d.Sync(t.Context(), ann)
	if err != nil || all.Settings.Name != name || all.Me.Name != name || all.Preferences.Theme != dark || len(all.Drafts) != 1 {
		t.Errorf("%+v, %v: what was asked for before did not happen", all, err)
	}
}
