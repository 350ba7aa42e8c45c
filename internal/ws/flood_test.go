package ws

import (
	"bytes"
	"testing"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func TestFlood(t *testing.T) {
	n := start(t)
	n.polite = true
	people := n.people(2)
	l, other := n.connect(people[0]), n.connect(people[1])
	const beyond = 50
	for range myna.MaxFramesBurst + beyond {
		l.send(`{"type":"ping"}`)
	}
	pongs, refused := 0, 0
	for pongs+refused < myna.MaxFramesBurst+beyond {
		f, err := l.next()
		switch {
		case err != nil:
			t.Fatal(err)
		case f.Type == wire.FramePong:
			pongs++
		case f.Type == wire.FrameError && f.Error.Code == myna.CodeTooMany && f.Error.RetryAfter > 0:
			refused++
		default:
			t.Fatalf("got %+v", f)
		}
	}
	if pongs < myna.MaxFramesBurst || refused == 0 {
		t.Errorf("%d frames carried out and %d refused", pongs, refused)
	}
	for range 10 * maxRefused { // it does not stop
		if l.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"ping"}`)) != nil {
			break
		}
	}
	if code := l.closed(); code != wire.CloseTooManyFrames {
		t.Errorf("closed with %d", code)
	}
	other.send(wire.Ping{Type: wire.FramePing})
	other.want(wire.FramePong)
}

// TestBudgetOfAPerson: a person's devices share one budget, and a post is dearer than a ping.
func TestBudgetOfAPerson(t *testing.T) {
	n := start(t)
	n.polite = true
	people := n.people(2)
	room := n.room(people...)
	posts, other, friend := n.connect(people[0]), n.connect(people[0]), n.connect(people[1])
	for range myna.MaxFramesBurst / 2 {
		posts.post(room, "x")
	}
	for answered := 0; answered < myna.MaxFramesBurst/2; {
		f, err := posts.next()
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == wire.FrameAck || f.Type == wire.FrameError {
			answered++
		}
	}
	for pongs := 0; ; { // what the second device may still send is what came back since
		other.send(wire.Ping{Type: wire.FramePing})
		f, err := other.next()
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == wire.FrameError && f.Error.Code == myna.CodeTooMany {
			break
		}
		if f.Type == wire.FramePong {
			if pongs++; pongs > myna.MaxFramesBurst/2 {
				t.Fatal("a second device has a budget of its own")
			}
		}
	}
	friend.send(wire.Ping{Type: wire.FramePing})
	friend.want(wire.FramePong)
}

func TestLoadAccountsAreNotLimited(t *testing.T) {
	n := start(t)
	l := n.connect(n.people(1)[0])
	for range 3 * myna.MaxFramesBurst {
		l.send(`{"type":"ping"}`)
	}
	for range 3 * myna.MaxFramesBurst {
		l.want(wire.FramePong)
	}
}

// TestDeafOnceSentAway: of a device that was told to go nothing is parsed or counted, however much it
// sends until the line is down.
func TestDeafOnceSentAway(t *testing.T) {
	c := &conn{h: start(t).handler}
	c.state.Store(ended)
	c.feed(masked(ws.OpText, true, `{"type":"ping"}`)[:9])
	if !c.deaf || c.in.partial != nil || c.refused.Load() > 0 {
		t.Errorf("deaf %v, %d bytes kept, %d frames counted", c.deaf, len(c.in.partial), c.refused.Load())
	}
}

// TestFloodOfFragments: pieces of a message that never ends are frames like others.
func TestFloodOfFragments(t *testing.T) {
	n := start(t)
	n.polite = true
	l := n.dialRaw(t, n.people(1)[0], masked(ws.OpText, false, ""))
	l.wantText(`"ready"`)
	piece := bytes.Repeat(masked(ws.OpContinuation, false, ""), 50)
	for range 10 * (myna.MaxFramesBurst + maxRefused) / 50 {
		if _, err := l.c.Write(piece); err != nil {
			break
		}
	}
	if code := l.closeCode(); code != wire.CloseTooManyFrames {
		t.Errorf("closed with %d", code)
	}
}
