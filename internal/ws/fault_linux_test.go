package ws

import (
	"runtime"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// notPolled makes the poller panic when it meets it, as a fault in the parser would.
type notPolled struct{ *polled }

// polledConn is a person's connection once the poller has it, nil before.
func (p *poller) polledConn(who myna.UserID) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		if c != nil && c.Principal().User == who {
			return c
		}
	}
	return nil
}

// TestFaultInThePoller: a fault while one connection is read ends that one and no other.
func TestFaultInThePoller(t *testing.T) {
	n := start(t)
	people := n.people(2)
	bad, good := n.connect(people[0]), n.connect(people[1])
	p := n.handler.poller
	for p.polledConn(people[0].id) == nil {
		runtime.Gosched() // a connection is handed over after its first frame went out
	}
	good.send(wire.Ping{Type: wire.FramePing})
	good.want(wire.FramePong) // the poller has turned to another one since it last looked at bad
	c := p.polledConn(people[0].id)
	p.mu.Lock()
	c.sock = notPolled{c.sock.(*polled)}
	p.mu.Unlock()
	bad.send(wire.Ping{Type: wire.FramePing})
	if f, err := bad.next(); err == nil {
		t.Errorf("got %+v", f)
	}
	good.send(wire.Ping{Type: wire.FramePing})
	good.want(wire.FramePong)
	n.wantSessions(t, 1)
}
