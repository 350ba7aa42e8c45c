package ws

import (
	"sync"
	"time"

	"github.com/myna-chat/myna/internal/live"
)

const (
	// coalesceBytes is how much of a queue goes into one write.
	coalesceBytes = 64 << 10
	// A shard that has just written for a crowd waits until this long after it began: whatever comes
	// meanwhile goes out in one write each. A quiet crowd's message does not wait.
	pace  = 10 * time.Millisecond
	crowd = 128
)

// pen is what a writer needs for one connection after the other: it is kept, so that writing allocates
// nothing.
type pen struct {
	frames  []*live.Frame
	scratch []byte
}

var pens = sync.Pool{New: func() any { return new(pen) }}

// take gathers the next bytes of c's queue; none means that c has another writer or needs none. shared
// says that they are a frame's own, which stay as they are.
func (p *pen) take(c *conn) (b []byte, shared bool) {
	p.frames = c.Take(p.frames[:0], coalesceBytes)
	defer clear(p.frames)
	if len(p.frames) == 1 {
		return p.frames[0].Bytes(), true
	}
	p.scratch = p.scratch[:0]
	for _, f := range p.frames {
		p.scratch = append(p.scratch, f.Bytes()...)
	}
	return p.scratch, false
}

// Write implements live.Outlet.
func (c *conn) Write() {
	p := pens.Get().(*pen)
	c.flush(p)
	pens.Put(p)
}

// Schedule implements live.Outlet.
func (c *conn) Schedule() { c.shard.add(c) }

// flush writes c's queue as far as the socket takes it. What it does not take is kept until the socket
// says that it takes bytes again; until then c has a writer and nobody else tries.
func (c *conn) flush(p *pen) {
	for {
		b, shared := c.rest, true
		if len(b) == 0 {
			b, shared = p.take(c)
		}
		if len(b) == 0 {
			c.drained()
			return
		}
		n, err := c.sock.write(b)
		if err != nil {
			c.broken()
			return
		}
		rest := b[n:]
		if len(rest) == 0 {
			c.rest = nil
			continue
		}
		if !shared {
			rest = append([]byte(nil), rest...)
		}
		c.rest = rest
		c.h.deadlines.set(c, writeWait, false)
		c.sock.blocked(c)
		return
	}
}

// drained is called by the writer that found the queue empty. After a close frame nothing more comes.
func (c *conn) drained() {
	if c.state.Load() != open {
		c.sock.closeWrite()
	}
}

// shard writes for the connections given to it, each with one write for all that has piled up.
type shard struct {
	signal chan struct{}
	mu     sync.Mutex
	dirty  []*conn
}

func newShard() *shard { return &shard{signal: make(chan struct{}, 1)} }

// add has the shard write for c.
func (s *shard) add(c *conn) {
	s.mu.Lock()
	s.dirty = append(s.dirty, c)
	first := len(s.dirty) == 1
	s.mu.Unlock()
	if first {
		select {
		case s.signal <- struct{}{}:
		default:
		}
	}
}

func (s *shard) run(stop <-chan struct{}) {
	var p pen
	var work []*conn
	for {
		select {
		case <-s.signal:
		case <-stop:
			return
		}
		s.mu.Lock()
		work, s.dirty = s.dirty, work[:0]
		s.mu.Unlock()
		begun := time.Now()
		for _, c := range work {
			c.flush(&p)
		}
		if len(work) >= crowd {
			time.Sleep(pace - time.Since(begun))
		}
		clear(work)
	}
}
