package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// house is a journal over a real database, with the changes it handed over.
type house struct {
	t       testing.TB
	store   *store.Store
	journal *journal.Journal

	mu      sync.Mutex
	changes []myna.Change
}

func newHouse(t testing.TB, db *sqldb.DB) *house {
	h := &house{t: t, store: store.New(db)}
	h.journal = journal.New(h.store, journal.Options{OnCommit: func(changes []myna.Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.changes = append(h.changes, changes...)
	}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		h.journal.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return h
}

func (h *house) do(op journal.Op) {
	h.t.Helper()
	if err := h.journal.Do(context.Background(), op); err != nil {
		h.t.Fatalf("%T: %v", op, err)
	}
}

// refused carries out op and wants it refused with a code.
func (h *house) refused(op journal.Op, code string) {
	h.t.Helper()
	err := h.journal.Do(context.Background(), op)
	if err == nil || myna.AsError(err).Code != code {
		h.t.Errorf("%T: got error %v, want code %s", op, err, code)
	}
}

func (h *house) user(name string, role myna.Role) myna.Principal {
	h.t.Helper()
	id := myna.UserID(myna.NewID(time.Now()))
	h.do(&journal.CreateUser{
		User: myna.User{ID: id, Username: name, Name: name, Role: role, CreatedAt: myna.TimeOf(time.Now())},
		Keys: store.UserKeys{Key: name, Skeleton: name},
	})
	return myna.Principal{User: id, Role: role}
}

func (h *house) channel(p myna.Principal, name string, kind myna.RoomKind, members ...myna.UserID) myna.RoomID {
	h.t.Helper()
	op := &journal.CreateRoom{
		Principal: p,
		Room:      myna.Room{ID: myna.RoomID(myna.NewID(time.Now())), Kind: kind, Name: name},
		Keys:      store.RoomKeys{Name: name, Nonce: newNonce()},
		Members:   members,
	}
	h.do(op)
	return op.Made
}

func newNonce() (n myna.Nonce) {
	for i := range n {
		n[i] = byte(rand.IntN(256))
	}
	return n
}

func (h *house) seen() []myna.Change {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.changes)
}

// checkContiguous wants the handed over changes of each scope to count 1, 2, 3 … in order.
func (h *house) checkContiguous() {
	h.t.Helper()
	last := map[myna.Scope]int64{}
	for _, c := range h.seen() {
		if c.Rev != last[c.Scope]+1 {
			h.t.Errorf("scope %s: rev %d after %d", c.Scope, c.Rev, last[c.Scope])
		}
		last[c.Scope] = c.Rev
	}
}

func TestSeqsAreDenseAndNoncesKeepTheirAnswer(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		const people, rooms, each = 4, 3, 60
		var who []myna.Principal
		for i := range people {
			who = append(who, h.user(fmt.Sprintf("p%d", i), myna.RoleMember))
		}
		var ids []myna.RoomID
		for i := range rooms {
			ids = append(ids, h.channel(who[0], fmt.Sprintf("room%d", i), myna.OpenRoom, who[1].User, who[2].User, who[3].User))
		}
		var all sync.WaitGroup
		for _, p := range who {
			all.Go(func() {
				var sent []*journal.Post
				for i := range each {
					op := &journal.Post{Principal: p, Room: ids[i%rooms], Nonce: newNonce(), Text: fmt.Sprint(i)}
					if i > 0 && rand.IntN(5) == 0 { // one in five is sent again
						before := sent[rand.IntN(len(sent))]
						again := &journal.Post{Principal: p, Room: before.Room, Nonce: before.Nonce, Text: "again"}
						h.do(again)
						if again.Answer != before.Answer {
							t.Errorf("the same nonce got %+v, then %+v", before.Answer, again.Answer)
						}
					}
					h.do(op)
					sent = append(sent, op)
				}
			})
		}
		all.Wait()
		h.checkContiguous()
		for _, room := range ids {
			page, err := h.store.History(t.Context(), who[0].User, room, store.HistoryQuery{Limit: 200})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Messages) != people*each/rooms || page.Head.Seq != int64(len(page.Messages)) {
				t.Errorf("room %s holds %d messages, head %+v", room, len(page.Messages), page.Head)
			}
			for i, m := range page.Messages {
				if m.Seq != int64(i+1) || m.Text == "again" {
					t.Errorf("message %d of %s is %+v", i+1, room, m)
				}
			}
		}
	})
}

func TestRightsAreDecidedWhereTheWriteIs(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ann := h.user("ann", myna.RoleOwner)
		bob := h.user("bob", myna.RoleMember)
		eve := h.user("eve", myna.RoleMember)
		room := h.channel(ann, "secret", myna.ClosedRoom, bob.User)
		post := func(p myna.Principal) *journal.Post {
			return &journal.Post{Principal: p, Room: room, Nonce: newNonce(), Text: "hi", Named: []myna.UserID{bob.User, eve.User}}
		}
		first := post(ann)
		h.do(first)
		h.refused(post(eve), myna.CodeNotFound)
		h.refused(&journal.Join{Principal: eve, Room: room}, myna.CodeNotFound)
		h.refused(&journal.Edit{Principal: bob, Room: room, Seq: first.Answer.Seq, Text: "x"}, myna.CodeDenied)
		h.refused(&journal.Delete{Principal: bob, Room: room, Seq: first.Answer.Seq}, myna.CodeDenied)
		h.refused(&journal.RemoveMember{Principal: bob, Room: room, User: ann.User}, myna.CodeDenied)
		h.refused(&journal.AddMembers{Principal: eve, Room: room, Users: []myna.UserID{eve.User}}, myna.CodeNotFound)
		h.do(&journal.RemoveMember{Principal: ann, Room: room, User: bob.User})
		h.refused(post(bob), myna.CodeNotFound)
		archived := true
		h.do(&journal.UpdateRoom{Principal: ann, Room: room, Archived: &archived})
		h.refused(post(ann), myna.CodeArchived)
		h.checkContiguous()

		m, err := h.store.Message(t.Context(), ann.User, room, first.Answer.Seq)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]myna.UserID{bob.User}, m.Mentions); diff != "" {
			t.Errorf("mentioned (-want +got):\n%s", diff)
		}
		for _, gone := range []myna.UserID{bob.User, eve.User} {
			if _, err := h.store.Message(t.Context(), gone, room, 1); myna.KindOf(err) != myna.NotFound {
				t.Errorf("somebody outside reads: %v", err)
			}
			if _, err := h.store.Changes(t.Context(), gone, room.Scope(), 0, 10); myna.KindOf(err) != myna.NotFound {
				t.Errorf("somebody outside fetches: %v", err)
			}
		}
	})
}

func TestOneFaultDoesNotStopTheOthers(t *testing.T) {
	h := newHouse(t, sqldbtest.Open(t, sqldb.SQLite, migrations.FS))
	ann := h.user("ann", myna.RoleOwner)
	room := h.channel(ann, "room", myna.OpenRoom)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if i%10 == 0 { // the same account again: two unique keys clash
				h.refused(&journal.CreateUser{User: myna.User{ID: myna.UserID(1000 + i), Username: "ann"}, Keys: store.UserKeys{Key: "ann", Skeleton: "ann"}}, myna.CodeNameTaken)
				return
			}
			h.do(&journal.Post{Principal: ann, Room: room, Nonce: newNonce(), Text: "hi"})
		})
	}
	all.Wait()
	h.checkContiguous()
}

func TestPairsAreUnique(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ann, bob := h.user("ann", myna.RoleOwner), h.user("bob", myna.RoleMember)
		made := make([]myna.RoomID, 8)
		var all sync.WaitGroup
		for i := range made {
			all.Go(func() {
				op := &journal.CreateRoom{
					Principal: ann,
					Room:      myna.Room{ID: myna.RoomID(myna.NewID(time.Now())), Kind: myna.DirectRoom, Pair: true},
					Keys:      store.RoomKeys{Pair: "ann bob", Nonce: newNonce()},
					Members:   []myna.UserID{bob.User},
				}
				h.do(op)
				made[i] = op.Made
			})
		}
		all.Wait()
		if slices.Max(made) != slices.Min(made) {
			t.Errorf("several conversations of the same two: %v", made)
		}
		h.refused(&journal.Leave{Principal: bob, Room: made[0]}, myna.CodeDenied)
		h.refused(&journal.AddMembers{Principal: bob, Room: made[0], Users: []myna.UserID{ann.User}}, myna.CodeDenied)
		h.checkContiguous()
	})
}

func TestTwoJournalsShareOneDatabase(t *testing.T) {
	for _, engine := range []sqldb.Engine{sqldb.Postgres, sqldb.MySQL, sqldb.SQLite} {
		t.Run(engine.String(), func(t *testing.T) {
			db := sqldbtest.Open(t, engine, migrations.FS)
			one, two := newHouse(t, db), newHouse(t, db)
			ann := one.user("ann", myna.RoleOwner)
			bob := two.user("bob", myna.RoleMember)
			room := one.channel(ann, "room", myna.OpenRoom, bob.User)
			var all sync.WaitGroup
			for i := range 40 {
				all.Go(func() { one.do(&journal.Post{Principal: ann, Room: room, Nonce: newNonce(), Text: "one"}) })
				all.Go(func() { two.do(&journal.Post{Principal: bob, Room: room, Nonce: newNonce(), Text: "two"}) })
				if i == 20 {
					all.Wait()
					one.do(&journal.RemoveMember{Principal: ann, Room: room, User: bob.User})
					two.refused(&journal.Post{Principal: bob, Room: room, Nonce: newNonce(), Text: "late"}, myna.CodeNotFound)
					one.do(&journal.AddMembers{Principal: ann, Room: room, Users: []myna.UserID{bob.User}})
				}
			}
			all.Wait()
			page, err := one.store.History(t.Context(), ann.User, room, store.HistoryQuery{Limit: 200})
			if err != nil || len(page.Messages) != 80 {
				t.Fatalf("%d messages, %v", len(page.Messages), err)
			}
			for i, m := range page.Messages {
				if m.Seq != int64(i+1) {
					t.Errorf("seq %d at place %d", m.Seq, i+1)
				}
			}
		})
	}
}
