package ws

import (
	"sync"
	"syscall"
	"time"

	"github.com/myna-chat/myna/internal/live"
)

const (
	// coalesceBytes is how much of a queue goes into one write.
	coalesceBytes = 64 << 10
	// writeWait is how long a full socket may take no byte of a write before the device is given up.
	writeWait = 30 * time.Second
)

// pen is what a writer needs for one connection after the other: it is kept, so that writing allocates
// nothing.
type pen struct {
	frames  []*live.Frame
	scratch []byte
	try     func(fd uintptr) bool
	todo    []byte
	n       int
	err     error
}

func newPen() *pen {
	p := &pen{}
	p.try = func(fd uintptr) bool {
		p.n, p.err = writeNow(fd, p.todo)
		return true // never wait
	}
	return p
}

var pens = sync.Pool{New: func() any { return newPen() }}

// writeNow writes what the socket takes at once.
func (p *pen) writeNow(raw syscall.RawConn, b []byte) (int, error) {
	p.todo, p.n, p.err = b, 0, nil
	err := raw.Write(p.try)
	p.todo = nil
	if err == nil {
		err = p.err
	}
	return p.n, err
}

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

// flush writes c's queue as far as the socket takes it. What it does not take is left to a goroutine.
func (c *conn) flush(p *pen) {
	for {
		b, shared := p.take(c)
		if len(b) == 0 {
			c.drained()
			return
		}
		n := 0
		if c.raw != nil {
			var err error
			if n, err = p.writeNow(c.raw, b); err != nil {
				c.broken()
				return
			}
		}
		if n == len(b) {
			continue
		}
		rest := b[n:]
		if !shared {
			rest = append([]byte(nil), rest...)
		}
		if !c.h.tasks.start(func() { c.finish(rest) }) {
			c.broken()
		}
		return
	}
}

// finish is the writer of a connection whose socket is full: it waits for the socket, with a deadline,
// until the queue is empty. A device that does not read costs this goroutine and its queue.
func (c *conn) finish(rest []byte) {
	p := pens.Get().(*pen)
	defer pens.Put(p)
	for len(rest) > 0 {
		_ = c.net.SetWriteDeadline(time.Now().Add(writeWait))
		if _, err := c.net.Write(rest); err != nil {
			c.broken()
			return
		}
		_ = c.net.SetWriteDeadline(time.Time{}) // before somebody else may write
		rest, _ = p.take(c)
	}
	c.drained()
}

// drained is called by whoever found the queue empty. After a close frame nothing more comes.
func (c *conn) drained() {
	if c.state.Load() == open {
		return
	}
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the close frame is out; if this fails the reader finds out
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
	p := newPen()
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
		for i, c := range work {
			c.flush(p)
			work[i] = nil
		}
	}
}
