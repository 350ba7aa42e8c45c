package live

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func TestPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		var good, dead []*device
		for u := range 2 * pingSlots {
			d := attach(t, h, myna.UserID(u+1))
			if u%2 == 0 {
				good = append(good, d)
			} else {
				dead = append(dead, d)
			}
		}
		for range 4 * pingSlots {
			time.Sleep(clockTick)
			for _, d := range good {
				d.Heard()
			}
		}
		synctest.Wait()
		for _, d := range good {
			if d.closed() != 0 || d.pings != 4 {
				t.Errorf("an answering device got %d pings in 100 s and was closed with %d", d.pings, d.closed())
			}
		}
		for _, d := range dead {
			if d.closed() != wire.CloseUnseen {
				t.Errorf("a dead line is still open after 100 s")
			}
		}
		if h.Count() != len(good) {
			t.Errorf("%d sessions counted", h.Count())
		}
	})
}

func TestSessionExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		d := &device{}
		err := h.Attach(t.Context(), &d.Session, Device{
			Principal: myna.Principal{User: ann, Session: 1}, Outlet: d, Expires: myna.TimeOf(time.Now().Add(time.Minute)),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 60 + pingSlots {
			d.Heard()
			time.Sleep(clockTick)
		}
		if d.closed() != wire.CloseSessionEnded {
			t.Errorf("closed with %d", d.closed())
		}
	})
}

func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, ann, true)
		w.set(lobby, bob, true)
		h := run(t, w)
		tab1, tab2, b := attach(t, h, ann), attach(t, h, ann), attach(t, h, bob)
		before := time.Now()
		time.Sleep(time.Second)
		h.End([]myna.SessionID{myna.SessionID(ann)}, wire.CloseSessionEnded)
		if tab1.closed() != wire.CloseSessionEnded || tab2.closed() != wire.CloseSessionEnded || b.closed() != 0 {
			t.Errorf("closed with %d, %d, %d", tab1.closed(), tab2.closed(), b.closed())
		}
		tab1.take()
		h.Commit(w.say(lobby, "secret"))
		synctest.Wait()
		if len(tab1.take()) > 0 {
			t.Error("an ended session got something")
		}

		// An upgrade that proved itself before the end must not slip in after it.
		late := Device{Principal: myna.Principal{User: ann, Session: myna.SessionID(ann)}, Since: before, Outlet: tab1}
		if err := h.Attach(t.Context(), &Session{}, late); myna.KindOf(err) != myna.Unauthorized {
			t.Errorf("attached after the end: %v", err)
		}
		late.Since = time.Now().Add(time.Millisecond)
		if err := h.Attach(t.Context(), &Session{}, late); err != nil {
			t.Errorf("proved after the end: %v", err)
		}

		h.EndUser(bob, wire.CloseDisabled)
		if b.closed() != wire.CloseDisabled {
			t.Errorf("closed with %d", b.closed())
		}
		time.Sleep(2 * endsLife)
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.ends.sessions)+len(h.ends.users) > 0 {
			t.Error("ends are remembered for ever")
		}
	})
}

// TestEndWhileAttaching ends a session while what its person follows is being read.
func TestEndWhileAttaching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		var h *Hub
		h = run(t, w, func(o *Options) {
			o.Follow = func(ctx context.Context, p myna.Principal) ([]Followed, error) {
				h.End([]myna.SessionID{p.Session}, wire.CloseSessionEnded)
				return w.followed(ctx, p)
			}
		})
		d := &device{}
		err := h.Attach(t.Context(), &d.Session, Device{Principal: myna.Principal{User: ann, Session: 1}, Since: time.Now(), Outlet: d})
		if myna.KindOf(err) != myna.Unauthorized || h.Count() != 0 {
			t.Errorf("got %v, %d sessions", err, h.Count())
		}
	})
}

func TestBlind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		a, b := attach(t, h, ann), attach(t, h, bob)
		h.Blind()
		if a.closed() != wire.CloseLost || b.closed() != wire.CloseLost || h.Count() != 0 {
			t.Errorf("closed with %d and %d, %d sessions left", a.closed(), b.closed(), h.Count())
		}
		if again := attach(t, h, ann); again.closed() != 0 {
			t.Error("nobody may come back")
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		waits := map[int64]bool{}
		var all []*device
		for u := range 100 {
			all = append(all, attach(t, h, myna.UserID(u+1)))
		}
		h.Drain(t.Context())
		for _, d := range all {
			frames := d.take()
			last := frames[len(frames)-1]
			if last.Type != wire.FrameDrain || d.closed() != wire.CloseGoingAway {
				t.Fatalf("got %+v and closed with %d", last, d.closed())
			}
			waits[last.AfterMS] = true
		}
		if len(waits) < 50 {
			t.Errorf("100 devices were told only %d different waits", len(waits))
		}
		if err := connect(h, &device{}, ann); myna.KindOf(err) != myna.Limited {
			t.Errorf("attached while draining: %v", err)
		}
	})
}
