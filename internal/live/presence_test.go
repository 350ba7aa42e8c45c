package live

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// states lists the presence a device was told, as "user=state".
func states(frames []received) []string {
	var told []string
	for _, f := range frames {
		if f.Signal != wire.SignalPresence {
			continue
		}
		for _, p := range f.Presence {
			told = append(told, fmt.Sprintf("%d=%s", p.User, p.State))
		}
	}
	return told
}

func TestPresenceOverSeveralDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		watcher := attach(t, h, eve)
		told := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if got := states(watcher.take()); !slices.Equal(got, want) {
				t.Errorf("the watcher was told %v, want %v", got, want)
			}
		}
		if err := h.Watch(&watcher.Session, []myna.UserID{ann, bob, ann}); err != nil {
			t.Fatal(err)
		}
		told("1=offline", "2=offline")

		phone, laptop := attach(t, h, ann), attach(t, h, ann)
		told("1=online")
		h.Focus(&phone.Session, 0, false)
		told()
		time.Sleep(presenceEvery)
		h.Focus(&laptop.Session, 0, false)
		told("1=away")
		time.Sleep(presenceEvery)
		h.Focus(&laptop.Session, 0, true)
		told("1=online")

		h.Detach(&laptop.Session) // the phone is there, but nobody looks at it
		told()
		time.Sleep(grace + clockTick)
		told("1=away")
		h.Detach(&phone.Session)
		time.Sleep(grace - clockTick)
		told()
		phone = attach(t, h, ann) // back in time
		told("1=online")
		h.Detach(&phone.Session)
		time.Sleep(grace + clockTick)
		told("1=offline")

		if err := h.Watch(&watcher.Session, nil); err != nil {
			t.Fatal(err)
		}
		told()
		attach(t, h, ann)
		told()
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.watched) != 0 {
			t.Error("somebody is watched still")
		}
	})
}

// TestFlippingIsBounded: however fast somebody's device flips, those who watch are told at most once a
// second, and of the last state in the end.
func TestFlippingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		watcher, d := attach(t, h, eve), attach(t, h, ann)
		if err := h.Watch(&watcher.Session, []myna.UserID{ann}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		watcher.take()
		const seconds, perSecond = 10, 50
		for i := range seconds * perSecond {
			h.Focus(&d.Session, 0, i%2 == 1)
			time.Sleep(time.Second / perSecond)
		}
		h.Focus(&d.Session, 0, false)
		time.Sleep(presenceEvery + clockTick)
		synctest.Wait()
		got := states(watcher.take())
		if len(got) == 0 || len(got) > seconds+2 || got[len(got)-1] != "1=away" {
			t.Errorf("told %d times in %d s: %v", len(got), seconds, got)
		}

		h.Focus(&d.Session, 0, true)
		h.Focus(&d.Session, 0, false) // waits for the clock
		h.Detach(&d.Session)
		time.Sleep(grace - clockTick)
		synctest.Wait()
		if got := states(watcher.take()); !slices.Equal(got, []string{"1=online"}) {
			t.Errorf("told %v of somebody who may be back", got)
		}
		time.Sleep(2 * clockTick)
		synctest.Wait()
		if got := states(watcher.take()); !slices.Equal(got, []string{"1=offline"}) {
			t.Errorf("told %v of somebody who left", got)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.flipped) > 0 {
			t.Error("somebody is looked at for ever")
		}
	})
}

func TestReconnectDoesNotFlicker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		watcher, d := attach(t, h, eve), attach(t, h, ann)
		if err := h.Watch(&watcher.Session, []myna.UserID{ann}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		watcher.take()
		for range 10 {
			h.Detach(&d.Session)
			time.Sleep(grace / 2)
			d = attach(t, h, ann)
			time.Sleep(grace / 3)
		}
		synctest.Wait()
		if got := states(watcher.take()); len(got) > 0 {
			t.Errorf("told %v of somebody who only reconnected", got)
		}
	})
}

func TestWatchIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := run(t, newWorld())
		d := attach(t, h, ann)
		if err := h.Watch(&d.Session, make([]myna.UserID, myna.MaxWatched+1)); myna.KindOf(err) != myna.Invalid {
			t.Errorf("got %v", err)
		}
	})
}

func TestTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, ann, true)
		w.set(lobby, bob, true)
		h := run(t, w)
		writes, alsoAnn := attach(t, h, ann), attach(t, h, ann)
		looks, elsewhere, outside := attach(t, h, bob), attach(t, h, bob), attach(t, h, eve)
		for _, d := range []*device{alsoAnn, looks, outside} {
			h.Focus(&d.Session, lobby, true)
		}
		typed := func(d *device) int {
			n := 0
			for _, f := range d.take() {
				if f.Signal == wire.SignalTyping {
					if f.User != ann || f.Room != lobby {
						t.Errorf("got %+v", f)
					}
					n++
				}
			}
			return n
		}
		for range 4 {
			if err := h.Typing(&writes.Session, lobby); err != nil {
				t.Fatal(err)
			}
			time.Sleep(typingEvery / 2)
		}
		synctest.Wait()
		if n := typed(looks); n != 2 {
			t.Errorf("bob's device that shows the room was told %d times, want 2: every %v", n, typingEvery)
		}
		for name, d := range map[string]*device{"ann's other": alsoAnn, "bob's other": elsewhere, "eve's": outside} {
			if n := typed(d); n != 0 {
				t.Errorf("%s device was told %d times", name, n)
			}
		}
		if err := h.Typing(&outside.Session, lobby); myna.KindOf(err) != myna.NotFound {
			t.Errorf("typing where one is not: %v", err)
		}

		h.Commit(w.set(lobby, bob, false))
		synctest.Wait()
		time.Sleep(typingEvery)
		if err := h.Typing(&writes.Session, lobby); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := typed(looks); n != 0 {
			t.Error("somebody who was removed sees who types")
		}
	})
}

func TestTypingInACrowdIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		h := run(t, w)
		const people = 50
		for u := range people {
			w.set(lobby, myna.UserID(100+u), true)
		}
		w.set(lobby, bob, true)
		looks := attach(t, h, bob)
		h.Focus(&looks.Session, lobby, true)
		for u := range people {
			if err := h.Typing(&attach(t, h, myna.UserID(100+u)).Session, lobby); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := len(looks.take()) - 1; n != typingPerRoom {
			t.Errorf("%d signals in one moment, want %d", n, typingPerRoom)
		}
	})
}
