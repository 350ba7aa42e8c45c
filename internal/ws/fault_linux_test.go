package ws

import (
	"testing"

	"github.com/myna-chat/myna/wire"
)

// notPolled makes the poller panic when it meets it, as a fault in the parser would.
type notPolled struct{ *polled }

// TestFaultInThePoller: a fault while one connection is read ends that one and no other.
func TestFaultInThePoller(t *testing.T) {
	n := start(t)
	people := n.people(2)
	bad, good := n.connect(people[0]), n.connect(people[1])
	p := n.handler.poller
	p.mu.Lock()
	for _, c := range p.conns {
		if c != nil && c.Principal().User == people[0].id {
			c.sock = notPolled{c.sock.(*polled)}
		}
	}
	p.mu.Unlock()
	bad.send(wire.Ping{Type: wire.FramePing})
	if f, err := bad.next(); err == nil {
		t.Errorf("got %+v", f)
	}
	good.send(wire.Ping{Type: wire.FramePing})
	good.want(wire.FramePong)
	n.wantSessions(t, 1)
}
