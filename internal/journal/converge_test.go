package journal_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// state is what a client holds: the rows of some scopes, by kind and key.
type state map[string]myna.Row

func (s state) apply(c myna.Change) { s[rowKey(c)] = c.Row }

func rowKey(c myna.Change) string {
	key := fmt.Sprint(c.Scope, " ", c.Row.RowKind())
	switch r := c.Row.(type) {
	case myna.Message:
		return fmt.Sprint(key, r.Seq)
	case myna.Member:
		return fmt.Sprint(key, r.User)
	case myna.Membership:
		return fmt.Sprint(key, r.Room)
	case myna.Draft:
		return fmt.Sprint(key, r.Room)
	case myna.User:
		return fmt.Sprint(key, r.ID)
	}
	return key
}

// fetch brings s from cursor to the scope's head the way a client does, in small pages.
func (h *house) fetch(s state, scope myna.Scope, cursor int64) int64 {
	h.t.Helper()
	for {
		c, err := h.store.ChangesOf(context.Background(), scope, cursor, 7)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, row := range c.Rows {
			if row.Rev <= cursor {
				h.t.Fatalf("scope %s: rev %d in the answer after %d", scope, row.Rev, cursor)
			}
			s.apply(row)
			cursor = row.Rev
		}
		if !c.More {
			return c.Head
		}
	}
}

// TestFetchedStateAndChangesEqualRefetchedState carries out random actions of every kind. One client
// hears every change live, one fetches at random moments, and both must end with the rows that somebody
// who fetches everything at the end gets.
func TestFetchedStateAndChangesEqualRefetchedState(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		var people []myna.Principal
		for i := range 4 {
			people = append(people, h.user(fmt.Sprintf("p%d", i), []myna.Role{myna.RoleOwner, myna.RoleMember}[min(i, 1)]))
		}
		rooms := []myna.RoomID{h.channel(people[0], "one", myna.OpenRoom), h.channel(people[1], "two", myna.ClosedRoom, people[2].User)}
		scopes := []myna.Scope{myna.Directory(), rooms[0].Scope(), rooms[1].Scope()}
		for _, p := range people {
			scopes = append(scopes, p.User.Scope())
		}
		now, fetched, cursors := state{}, state{}, map[myna.Scope]int64{}
		for range 400 {
			op := randomOp(people[rand.IntN(len(people))], people[rand.IntN(len(people))].User, rooms[rand.IntN(len(rooms))])
			if err := h.journal.Do(t.Context(), op); err != nil && myna.KindOf(err) == myna.Internal {
				t.Fatalf("%T: %v", op, err)
			}
			if rand.IntN(10) == 0 {
				scope := scopes[rand.IntN(len(scopes))]
				cursors[scope] = h.fetch(fetched, scope, cursors[scope])
			}
		}
		h.checkContiguous()
		live := state{}
		for _, c := range h.seen() {
			live.apply(c)
		}
		for _, scope := range scopes {
			h.fetch(now, scope, 0)
			h.fetch(fetched, scope, cursors[scope])
		}
		maps.DeleteFunc(live, func(key string, _ myna.Row) bool {
			_, followed := now[key]
			return !followed // of the default room
		})
		if diff := cmp.Diff(now, live); diff != "" {
			t.Errorf("live changes (-refetched +live):\n%s", diff)
		}
		if diff := cmp.Diff(now, fetched); diff != "" {
			t.Errorf("fetches on the way (-refetched +fetched):\n%s", diff)
		}
	})
}

func randomOp(p myna.Principal, other myna.UserID, room myna.RoomID) journal.Op {
	text, yes := fmt.Sprint("text ", rand.IntN(1000)), rand.IntN(2) == 0
	seq := int64(rand.IntN(40) + 1)
	switch rand.IntN(13) {
	case 0:
		return &journal.Edit{Principal: p, Room: room, Seq: seq, Text: text, Named: []myna.UserID{other}}
	case 1:
		return &journal.Delete{Principal: p, Room: room, Seq: seq}
	case 2:
		return &journal.Join{Principal: p, Room: room}
	case 3:
		return &journal.Leave{Principal: p, Room: room}
	case 4:
		return &journal.AddMembers{Principal: p, Room: room, Users: []myna.UserID{other, p.User}}
	case 5:
		return &journal.RemoveMember{Principal: p, Room: room, User: other}
	case 6:
		return &journal.Read{Principal: p, Room: room, Seq: seq, Unread: yes}
	case 7:
		return &journal.SetDraft{Principal: p, Room: room, Text: text}
	case 8:
		return &journal.UpdateMembership{Principal: p, Room: room, Favorite: &yes, Muted: &yes}
	case 9:
		return &journal.UpdateRoom{Principal: p, Room: room, Name: &text, NameKey: text, Topic: &text}
	case 10:
		return randomOwn(p, text)
	default:
		return &journal.Post{Principal: p, Room: room, Nonce: newNonce(), Text: text, Named: []myna.UserID{other}}
	}
}

func randomOwn(p myna.Principal, text string) journal.Op {
	switch rand.IntN(4) {
	case 0:
		return &journal.UpdateProfile{Principal: p, Name: &text}
	case 1:
		return &journal.UpdatePreferences{Principal: p, Theme: &text}
	case 2:
		return &journal.SetPassword{User: p.User, Hash: text}
	default:
		return &journal.UpdateSettings{Principal: p, Name: &text}
	}
}
