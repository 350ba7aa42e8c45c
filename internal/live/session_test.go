package live

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// queuedBytes is what a session holds in memory.
func (d *device) queuedBytes() int {
	d.Session.mu.Lock()
	defer d.Session.mu.Unlock()
	n := 0
	if d.first != nil {
		n += len(d.first.b)
	}
	for _, f := range d.rest {
		n += len(f.b)
	}
	if n != int(d.queued) {
		panic("the queue's size is counted wrongly")
	}
	return n + int(d.inFlight)
}

func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.set(lobby, ann, true)
		w.set(lobby, bob, true)
		h := run(t, w)
		slow, good := attach(t, h, ann), attach(t, h, bob)
		slow.take()
		good.take()
		slow.stuck = true
		const messages = 300
		text := strings.Repeat("x", 16<<10)
		for range messages {
			h.Commit(w.say(lobby, text))
			synctest.Wait()
			if n := slow.queuedBytes(); n > myna.MaxQueueBytes {
				t.Fatalf("%d bytes wait for a device that does not read", n)
			}
		}
		if got := revsOf(good.take(), lobby.Scope()); !slices.Equal(got, upTo(3, messages+2)) {
			t.Errorf("the good reader got %v", got)
		}
		if n := slow.queuedBytes(); n != 0 || h.Stats().Overflows == 0 {
			t.Errorf("%d bytes are kept for a device that is to resync (%d overflows)", n, h.Stats().Overflows)
		}

		slow.stuck = false
		slow.Write() // the socket takes bytes again
		h.Commit(w.say(lobby, "next"))
		synctest.Wait()
		frames := slow.take()
		if len(frames) != 2 || frames[0].Type != wire.FrameResync || frames[0].Heads[lobby.Scope()] != messages+2 {
			t.Fatalf("got %d frames, first %+v; want a resync at %d and one change", len(frames), frames[0], messages+2)
		}
		if got := revsOf(frames, lobby.Scope()); !slices.Equal(got, []int64{messages + 3}) {
			t.Errorf("after the resync got %v", got)
		}
	})
}

func TestTakeKeepsOrderAndBounds(t *testing.T) {
	h := New(Options{})
	s := &Session{hub: h}
	var want []string
	add := func(text string) (wake bool) {
		want = append(want, text)
		return s.push(Text([]byte(text)))
	}
	if !add("first") || add("second") {
		t.Error("only the first push asks for a writer")
	}
	for range 100 {
		add(strings.Repeat("y", 50))
	}
	var got []string
	for {
		frames := s.Take(nil, 500)
		if len(frames) == 0 {
			break
		}
		size := 0
		for _, f := range frames {
			_, payload := parse(f)
			got = append(got, string(payload))
			size += len(f.Bytes())
		}
		if size > 500 {
			t.Errorf("took %d bytes at once", size)
		}
		if len(got) == 60 || len(want) < 110 {
			add("late")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d frames of %d, or in another order", len(got), len(want))
	}
	if !add("again") {
		t.Error("after the queue was empty a push asks for a writer again")
	}
	big := Text(make([]byte, 4000))
	s.push(big)
	s.Take(nil, 1)
	if frames := s.Take(nil, 1); len(frames) != 1 || frames[0] != big {
		t.Error("a frame above the bound is taken alone")
	}
}

func TestFinish(t *testing.T) {
	bye := NewFrame(ws.OpClose, nil)
	for _, keep := range []bool{false, true} {
		s := &Session{hub: New(Options{})}
		s.push(Text([]byte("a")))
		s.push(Text([]byte("b")))
		if s.Finish(bye, keep) {
			t.Error("a writer was asked for already")
		}
		if s.push(Text([]byte("c"))) || s.Finish(bye, keep) {
			t.Error("after the end nothing is queued")
		}
		frames := s.Take(nil, 1000)
		if want := 1 + 2*b2i(keep); len(frames) != want || frames[len(frames)-1] != bye {
			t.Errorf("keep %v: %d frames, want %d with the close frame last", keep, len(frames), want)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFrameHeaders(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 65535, 65536, 100_000} {
		payload := []byte(strings.Repeat("z", n))
		want := ws.MustCompileFrame(ws.NewTextFrame(payload))
		if got := Text(payload).Bytes(); string(got) != string(want) {
			t.Errorf("a frame of %d bytes is not what the library makes", n)
		}
	}
}
