package live

import (
	"sync"
	"sync/atomic"

	"github.com/myna-chat/myna"
)

// Outlet carries one session's frames away; package ws implements it over a socket. The hub calls it
// without holding any lock.
type Outlet interface {
	// Write sends what the session has queued, from the caller's goroutine and without blocking.
	// Called only after the session asked for a writer, so that there is never a second one.
	Write()
	// Schedule has somebody else do what Write does, soon: for crowds, where it pays to let more pile up.
	Schedule()
	// End says goodbye with a close code and closes. The hub has forgotten the session already. Called
	// at most once by the hub.
	End(code int, reason string)
}

// Session is one connected device: its queue, and what it looks at. The zero value is ready for
// Hub.Attach; package ws embeds it in its connection so that a device is one allocation.
//
// Where the queue ends and the writer begins: a push that finds no writer at work says so ("wake"), and
// whoever pushed then sees to it that the Outlet is told. The writer calls Take until it comes back
// empty, which is the moment it stops being the writer. So there is one writer or none, and no frame
// waits without one.
type Session struct {
	hub  *Hub
	out  Outlet
	who  myna.Principal
	user *user

	mu       sync.Mutex // the queue; taken after hub.mu
	first    *Frame     // the queue's head stands here, so that a queue of one needs no slice
	rest     []*Frame
	queued   int32 // bytes in the queue
	inFlight int32 // bytes taken and not yet known to be written
	writing  bool  // a writer was asked for and has not yet found the queue empty
	lagging  bool  // the queue overflowed and was dropped; a resync is due
	ended    bool  // nothing is queued any more

	heard atomic.Bool // bytes came in since the last look of the clock

	// Guarded by hub.mu.
	attached bool // stands in user.sessions and in a slot of the clock
	inactive bool // the device says that nobody is looking
	missed   uint8
	slot     uint8
	slotAt   int32
	focusAt  int32
	typedAt  int64 // when this device last sent a typing signal that was passed on
	expires  myna.Time
	focus    *topic
	watches  []watch
}

// keptCap is how much queue a session keeps for its next burst; a longer one is given back.
const keptCap = 8

// Principal is who the session belongs to.
func (s *Session) Principal() myna.Principal { return s.who }

// Heard notes that bytes came from the device, which proves that the line is alive.
func (s *Session) Heard() {
	if !s.heard.Load() {
		s.heard.Store(true)
	}
}

// Send queues f and, if nobody is writing for the session, writes from the caller's goroutine.
func (s *Session) Send(f *Frame) {
	if s.push(f) {
		s.out.Write()
	}
}

// Later queues f and leaves the writing to the hub, which does it together with what it has for the
// session itself. It never writes, so it is for callers that must not be held up.
func (s *Session) Later(f *Frame) {
	if s.push(f) {
		s.hub.kick(s)
	}
}

// Greet puts bytes in front of everything else, before the session is attached: the answer to the
// handshake, which so goes out together with the ready frame.
func (s *Session) Greet(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enqueue(&Frame{b: b})
}

// Finish queues f as the last frame of all. Unless keep is set it takes the place of everything queued.
// wake says that the caller must see to the writing.
func (s *Session) Finish(f *Frame, keep bool) (wake bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	if !keep || s.lagging {
		s.drop()
	}
	s.lagging = false
	s.enqueue(f)
	s.ended = true
	return s.ask()
}

// Abandon empties the queue of a session whose connection is gone; nothing is queued any more.
func (s *Session) Abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	s.ended, s.lagging = true, false
}

// push queues f. It reports whether the caller must see to it that somebody writes.
func (s *Session) push(f *Frame) (wake bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.lagging {
		return false
	}
	if int(s.queued)+int(s.inFlight)+len(f.b) > myna.MaxQueueBytes {
		s.drop()
		s.lagging = true
		s.hub.stats.overflows.Add(1)
		return s.ask()
	}
	s.enqueue(f)
	return s.ask()
}

func (s *Session) ask() (wake bool) {
	wake = !s.writing
	s.writing = true
	return wake
}

func (s *Session) enqueue(f *Frame) {
	s.queued += int32(len(f.b))
	if s.first == nil {
		s.first = f
		return
	}
	s.rest = append(s.rest, f)
}

func (s *Session) drop() {
	s.first, s.rest, s.queued = nil, nil, 0
}

// Take moves frames from the queue to dst, at least one if there is one, then as many as stay within
// most bytes together; what the writer took before counts as written now. When nothing is left the
// caller is no longer the writer: it must not write for the session again before it is asked to.
func (s *Session) Take(dst []*Frame, most int) []*Frame {
	s.mu.Lock()
	s.inFlight = 0
	if s.lagging {
		s.mu.Unlock()
		s.hub.resync(s)
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	if s.first == nil {
		s.writing = false
		return dst
	}
	dst = append(dst, s.first)
	size := len(s.first.b)
	n := 0
	for n < len(s.rest) && size+len(s.rest[n].b) <= most {
		size += len(s.rest[n].b)
		n++
	}
	dst = append(dst, s.rest[:n]...)
	s.shift(n)
	s.queued -= int32(size)
	s.inFlight = int32(size)
	return dst
}

// shift removes the first frame and n more.
func (s *Session) shift(n int) {
	left := len(s.rest) - n
	switch {
	case left > 0:
		s.first = s.rest[n]
		copy(s.rest, s.rest[n+1:])
		clear(s.rest[left-1:])
		s.rest = s.rest[:left-1]
	case cap(s.rest) <= keptCap:
		s.first = nil
		clear(s.rest)
		s.rest = s.rest[:0]
	default:
		s.first, s.rest = nil, nil
	}
}
