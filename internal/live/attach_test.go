package live

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const (
	ann   = myna.UserID(1)
	bob   = myna.UserID(2)
	eve   = myna.UserID(3)
	lobby = myna.RoomID(10)
)

func TestReadyThenChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, ann, true)
		w.say(lobby, "before")
		h := run(t, w)
		d := attach(t, h, ann)
		h.Commit(w.say(lobby, "after"))
		h.Commit(w.touch(myna.Directory()))
		h.Commit(w.touch(bob.Scope()))
		synctest.Wait()

		frames := d.take()
		if len(frames) != 3 || frames[0].Type != wire.FrameReady || frames[0].User != ann {
			t.Fatalf("got %+v, want ready and two changes", frames)
		}
		if head := frames[0].Heads[lobby.Scope()]; head != 2 {
			t.Errorf("head of the lobby is %d, want 2", head)
		}
		if frames[1].Scope != lobby.Scope() || frames[1].Rev != 3 || frames[2].Scope != myna.Directory() {
			t.Errorf("got %+v", frames[1:])
		}
	})
}

// meanwhile attaches ann while the list of what she follows is being read: before runs before the
// snapshot, between after it and before the hub learns of it.
func meanwhile(t *testing.T, w *world, before, between func(h *Hub)) (*Hub, *device) {
	var h *Hub
	h = run(t, w, func(o *Options) {
		o.Follow = func(ctx context.Context, p myna.Principal) ([]Followed, error) {
			if p.User != ann {
				return w.followed(ctx, p)
			}
			before(h)
			h.Commit(w.touch(ann.Scope()))
			synctest.Wait()
			list, err := w.followed(ctx, p)
			between(h)
			h.Commit(w.touch(ann.Scope()))
			h.Commit(w.touch(myna.Directory()))
			time.Sleep(time.Millisecond)
			synctest.Wait()
			return list, err
		}
	})
	return h, attach(t, h, ann)
}

// TestAttachWhileThingsHappen plays what may happen around the reading of the list and then says one
// more thing in the lobby: what ann has not got live by then lies below the head she was told.
func TestAttachWhileThingsHappen(t *testing.T) {
	nothing := func(*world) func(*Hub) { return func(*Hub) {} }
	say := func(w *world) func(*Hub) { return func(h *Hub) { h.Commit(w.say(lobby, "meanwhile")) } }
	remove := func(w *world) func(*Hub) { return func(h *Hub) { h.Commit(w.set(lobby, ann, false)) } }
	add := func(w *world) func(*Hub) { return func(h *Hub) { h.Commit(w.set(lobby, ann, true)) } }
	readd := func(w *world) func(*Hub) {
		return func(h *Hub) {
			h.Commit(w.set(lobby, ann, false))
			h.Commit(w.say(lobby, "without ann"))
			h.Commit(w.set(lobby, ann, true))
		}
	}
	// bob listens while the list is read, and goes before it is merged.
	leave := func(w *world) func(*Hub) {
		return func(h *Hub) {
			d := &device{}
			if err := connect(h, d, bob); err != nil {
				panic(err)
			}
			h.Commit(w.say(lobby, "with bob"))
			synctest.Wait()
			h.Detach(&d.Session)
			time.Sleep(2 * grace)
		}
	}
	tests := map[string]struct {
		member, listener bool // ann is in the lobby at first; bob listens already
		before, between  func(*world) func(*Hub)
		want             bool // ann is in at the end
	}{
		"quiet":                            {member: true, before: nothing, between: nothing, want: true},
		"said between":                     {member: true, before: nothing, between: say, want: true},
		"said between, bob listens":        {member: true, listener: true, before: nothing, between: say, want: true},
		"said before and between":          {member: true, before: say, between: say, want: true},
		"bob comes and goes":               {member: true, before: nothing, between: leave, want: true},
		"removed before":                   {member: true, before: remove, between: nothing},
		"removed between":                  {member: true, before: nothing, between: remove},
		"removed between, bob listens":     {member: true, listener: true, before: nothing, between: remove},
		"added before":                     {before: add, between: nothing, want: true},
		"added between":                    {before: nothing, between: add, want: true},
		"added between, bob listens":       {listener: true, before: nothing, between: add, want: true},
		"added before, removed between":    {before: add, between: remove},
		"removed before, added between":    {member: true, before: remove, between: add, want: true},
		"removed, added between":           {member: true, before: nothing, between: readd, want: true},
		"removed, added between with bob":  {member: true, listener: true, before: nothing, between: readd, want: true},
		"removed, added before and spoken": {member: true, before: readd, between: say, want: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.set(lobby, bob, true)
				w.set(lobby, ann, tt.member)
				var bobs *device
				h, d := meanwhile(t, w, func(h *Hub) {
					if tt.listener {
						bobs = attach(t, h, bob)
					}
					tt.before(w)(h)
				}, tt.between(w))
				if bobs != nil && len(bobs.take()) == 0 {
					t.Fatal("bob got nothing")
				}
				frames := d.take()
				head, listed := frames[0].Heads[lobby.Scope()]
				if listed != tt.want {
					t.Fatalf("the lobby is among ann's heads: %v, want %v", listed, tt.want)
				}
				covered(t, w, frames, ann.Scope())
				covered(t, w, frames, myna.Directory())
				if tt.want {
					covered(t, w, frames, lobby.Scope())
				}
				h.Commit(w.say(lobby, "last"))
				synctest.Wait()
				_, now := w.after(lobby.Scope(), 0)
				revs := revsOf(append(frames, d.take()...), lobby.Scope())
				if tt.want && !slices.Equal(revs, upTo(head+1, now)) {
					t.Errorf("told the head %d ann got %v, want %v", head, revs, upTo(head+1, now))
				}
				if !tt.want && len(revs) > 0 {
					t.Errorf("ann is out and got %v", revs)
				}
			})
		})
	}
}

// covered checks that nothing is missing between the head that was told and what came live.
func covered(t *testing.T, w *world, frames []received, s myna.Scope) {
	t.Helper()
	at := frames[0].Heads[s]
	for _, rev := range revsOf(frames, s) {
		if rev == at+1 {
			at = rev
		}
	}
	if _, now := w.after(s, 0); at < now {
		t.Errorf("%s stands at %d, the device was told of %d and got %v", s, now, frames[0].Heads[s], revsOf(frames, s))
	}
}

func upTo(from, to int64) []int64 {
	var revs []int64
	for ; from <= to; from++ {
		revs = append(revs, from)
	}
	return revs
}

// TestSnapshotAheadOfTheHub attaches while commits that the list already has are still to be delivered.
func TestSnapshotAheadOfTheHub(t *testing.T) {
	tests := map[string]struct {
		late func(w *world) [][]myna.Change
		in   bool
	}{
		"messages": {in: true, late: func(w *world) [][]myna.Change {
			return [][]myna.Change{w.say(lobby, "1"), w.say(lobby, "2")}
		}},
		"a removal": {late: func(w *world) [][]myna.Change {
			return [][]myna.Change{w.set(lobby, ann, false), w.say(lobby, "2")}
		}},
		"a removal and a return": {in: true, late: func(w *world) [][]myna.Change {
			return [][]myna.Change{w.set(lobby, ann, false), w.say(lobby, "without"), w.set(lobby, ann, true)}
		}},
	}
	for name, tt := range tests {
		for _, listener := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld()
					w.set(lobby, bob, true)
					w.set(lobby, ann, true)
					h := run(t, w)
					if listener {
						attach(t, h, bob)
					}
					late := tt.late(w)
					d := attach(t, h, ann)
					for _, c := range late {
						h.Commit(c)
					}
					h.Commit(w.say(lobby, "last"))
					synctest.Wait()
					frames := d.take()
					head, listed := frames[0].Heads[lobby.Scope()]
					if listed != tt.in {
						t.Fatalf("listed %v, want %v", listed, tt.in)
					}
					_, now := w.after(lobby.Scope(), 0)
					got := revsOf(frames, lobby.Scope())
					if !tt.in {
						if len(got) > 0 {
							t.Errorf("ann is out and got %v", got)
						}
						return
					}
					if len(got) == 0 || got[len(got)-1] != now || got[0] > head+1 {
						t.Errorf("told %d, got %v, want all up to %d", head, got, now)
					}
				})
			})
		}
	}
}

func TestSecondDeviceAndQuickReturnReadNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, ann, true)
		reads := 0
		h := run(t, w, func(o *Options) {
			o.Follow = func(ctx context.Context, p myna.Principal) ([]Followed, error) {
				reads++
				return w.followed(ctx, p)
			}
		})
		first := attach(t, h, ann)
		second := attach(t, h, ann)
		h.Detach(&first.Session)
		h.Detach(&second.Session)
		h.Detach(&second.Session)
		h.Commit(w.say(lobby, "while away"))
		time.Sleep(grace - time.Second)
		third := attach(t, h, ann)
		if head := third.take()[0].Heads[lobby.Scope()]; reads != 1 || head != 2 {
			t.Errorf("%d reads, head %d; want 1 and 2", reads, head)
		}
		h.Detach(&third.Session)
		time.Sleep(2 * grace)
		if st := h.Stats(); st.Users != 0 || st.Scopes != 0 || st.Sessions != 0 {
			t.Errorf("after everybody left: %+v", st)
		}
		attach(t, h, ann)
		if reads != 2 {
			t.Errorf("%d reads, want 2", reads)
		}
	})
}

func TestFailedReadLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("no database")
		h := run(t, newWorld(), func(o *Options) {
			o.Follow = func(context.Context, myna.Principal) ([]Followed, error) { return nil, broken }
		})
		if err := connect(h, &device{}, ann); !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
		if st := h.Stats(); st.Users != 0 || st.Sessions != 0 {
			t.Errorf("left behind: %+v", st)
		}
	})
}

func TestTooManySocketsOfOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		for range maxSockets {
			attach(t, h, ann)
		}
		if err := connect(h, &device{}, ann); myna.KindOf(err) != myna.Limited {
			t.Errorf("got %v, want Limited", err)
		}
		attach(t, h, bob)
	})
}

func TestMembersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, bob, true)
		h := run(t, w)
		a, b := attach(t, h, ann), attach(t, h, bob)
		a.take()
		b.take()
		h.Commit(w.say(lobby, "2"))                 // ann is not in
		h.Commit(w.set(lobby, ann, true))           // 3
		h.Commit(w.say(lobby, "4"))                 //
		h.Commit(w.set(lobby, ann, false))          // 5: the removal itself may be seen
		h.Commit(w.say(lobby, "6"))                 // no more
		h.Commit(w.set(lobby, eve, true))           // 7: not connected
		h.Commit(w.set(myna.RoomID(11), ann, true)) // a room nobody here listened to
		h.Commit(w.say(myna.RoomID(11), "2"))
		synctest.Wait()
		frames := a.take()
		if got := revsOf(frames, lobby.Scope()); !slices.Equal(got, []int64{3, 4, 5}) {
			t.Errorf("ann got %v of the lobby", got)
		}
		if got := revsOf(frames, myna.RoomID(11).Scope()); !slices.Equal(got, []int64{1, 2}) {
			t.Errorf("ann got %v of the new room", got)
		}
		if got := revsOf(b.take(), lobby.Scope()); !slices.Equal(got, upTo(2, 7)) {
			t.Errorf("bob got %v of the lobby", got)
		}
	})
}

// TestOldHints gives a member row again after a newer one.
func TestOldHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, bob, true)
		h := run(t, w)
		a := attach(t, h, ann)
		attach(t, h, bob)
		added, removed := w.set(lobby, ann, true), w.set(lobby, ann, false)
		h.Commit(added)
		h.Commit(removed)
		h.Commit(added)
		h.Commit(w.say(lobby, "4"))
		synctest.Wait()
		if got := revsOf(a.take(), lobby.Scope()); !slices.Equal(got, []int64{2, 3}) {
			t.Errorf("removed, and the old row again: ann got %v", got)
		}
		h.Commit(w.set(lobby, ann, true))
		h.Commit(removed)
		h.Commit(w.say(lobby, "6"))
		synctest.Wait()
		if got := revsOf(a.take(), lobby.Scope()); !slices.Equal(got, []int64{5, 6}) {
			t.Errorf("back, and the old removal again: ann got %v", got)
		}
	})
}

// TestUnfillableGap loses the database at the moment it is needed: the listeners are sent away.
func TestUnfillableGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, ann, true)
		h := run(t, w, func(o *Options) {
			o.Log = slog.New(slog.DiscardHandler)
			o.History = func(context.Context, myna.Scope, int64) ([]myna.Change, int64, error) {
				return nil, 0, errors.New("no database")
			}
		})
		a, b := attach(t, h, ann), attach(t, h, bob)
		w.say(lobby, "lost")
		h.Commit(w.say(lobby, "seen"))
		synctest.Wait()
		if a.closed() != wire.CloseLost || b.closed() != 0 {
			t.Errorf("closed with %d and %d, want %d and 0", a.closed(), b.closed(), wire.CloseLost)
		}
		if got := revsOf(a.take(), lobby.Scope()); len(got) > 0 {
			t.Errorf("ann got %v", got)
		}
	})
}
