package ws

import (
	"strconv"
	"sync"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/wire"
)

const (
	// fetchBytes bounds one answer to a fetch; the rest is asked for again. It leaves room in a
	// session's queue for three more.
	fetchBytes = 256 << 10
	// sharedBytes bounds the answers kept for others who ask the same, and sharedFor how long.
	sharedBytes = 4 << 20
	sharedFor   = 5 * time.Second
	// shareTries is how often an asker waits for somebody else's answer before asking the database.
	shareTries = 2
)

// fetch answers with the rows of a scope that changed after a cursor.
//
// After an outage a thousand devices ask for the same rows at once. An answer is therefore kept for a
// moment and given to others without asking the database, if three things hold, all looked at after the
// answer was read: the asker follows the scope; the hub has delivered the scope up to exactly the
// answer's head. So the asker was let in at every rev of the answer (who is removed stops following at
// that very rev), and the answer is not old.
func (c *conn) fetch(f wire.Fetch) error {
	for range shareTries {
		rev, follows := c.h.hub.Reached(&c.Session, f.Scope)
		if !follows || f.Scope.Kind == myna.UserKind { // to be refused, or nobody else asks that
			break
		}
		q := question{scope: f.Scope, after: f.After}
		a, mine := c.h.shared.ask(q, rev)
		if mine {
			tail, err := c.lookFor(q, a, f)
			if err == nil {
				c.sendChanges(f.Ref, tail)
			}
			return err
		}
		<-a.ready // within the database's own timeouts
		if c.mayShare(a, f.Scope) {
			c.sendChanges(f.Ref, a.tail)
			return nil
		}
	}
	tail, _, err := c.look(f)
	if err == nil {
		c.sendChanges(f.Ref, tail)
	}
	return err
}

func (c *conn) mayShare(a *answer, s myna.Scope) bool {
	rev, follows := c.h.hub.Reached(&c.Session, s)
	return follows && a.tail != nil && rev == a.head
}

// lookFor looks for itself and for those who wait for a, who learn of it whatever happens.
func (c *conn) lookFor(q question, a *answer, f wire.Fetch) (tail []byte, err error) {
	var head int64
	defer func() { c.h.shared.give(q, a, tail, head) }()
	tail, head, err = c.look(f)
	return tail, err
}

// look asks the database and encodes all of the answer but its beginning, which names the question.
func (c *conn) look(f wire.Fetch) (tail []byte, head int64, err error) {
	changes, err := c.h.chat.Changes(c.h.ctx, c.Principal(), f.Scope, f.After, 0)
	if err != nil {
		return nil, 0, err
	}
	tail, err = appendTail(nil, changes)
	return tail, changes.Head, err
}

// appendTail appends a changes frame from its scope on, with as many rows as fit into fetchBytes.
func appendTail(b []byte, changes chat.Changes) ([]byte, error) {
	b = append(b, `,"scope":"`...)
	b, _ = changes.Scope.AppendText(b) // a scope always has a text
	b = append(b, `","rows":[`...)
	more := changes.More
	for i, row := range changes.Rows {
		if i > 0 {
			if len(b) >= fetchBytes {
				more = true
				break
			}
			b = append(b, ',')
		}
		var err error
		if b, err = wire.AppendChange(b, row); err != nil {
			return nil, err
		}
	}
	b = append(b, `],"head":`...)
	b = strconv.AppendInt(b, changes.Head, 10)
	b = append(b, `,"more":`...)
	b = strconv.AppendBool(b, more)
	b = append(b, `,"reset":`...)
	b = strconv.AppendBool(b, changes.Reset)
	return append(b, '}'), nil
}

func (c *conn) sendChanges(ref int64, tail []byte) {
	b := make([]byte, 0, len(`{"type":"changes","ref":`)+20+len(tail))
	b = append(b, `{"type":"changes","ref":`...)
	b = strconv.AppendInt(b, ref, 10)
	c.Send(live.Text(append(b, tail...)))
}

// question is what two devices may ask alike.
type question struct {
	scope myna.Scope
	after int64
}

// answer is set when ready is closed; tail is nil if there is none to share.
type answer struct {
	ready chan struct{}
	tail  []byte
	head  int64
}

// answers are those of the last moments.
type answers struct {
	mu    sync.Mutex
	known map[question]*answer
	bytes int
	timer *time.Timer
}

func (s *answers) init() {
	s.known = map[question]*answer{}
}

// ask finds an answer, given or to come, that is not older than rev. mine says that there is none and
// the caller must give it.
func (s *answers) ask(q question, rev int64) (a *answer, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a = s.known[q]; a != nil && (!a.given() || a.head >= rev) {
		return a, false
	}
	if a != nil {
		s.bytes -= len(a.tail)
	}
	a = &answer{ready: make(chan struct{})}
	s.known[q] = a
	return a, true
}

// give hands the answer to those who wait and those who come; a nil tail is no answer.
func (s *answers) give(q question, a *answer, tail []byte, head int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.tail, a.head = tail, head
	close(a.ready)
	if s.known[q] != a {
		return
	}
	if tail == nil || s.bytes+len(tail) > sharedBytes {
		delete(s.known, q)
		return
	}
	s.bytes += len(tail)
	if s.timer == nil {
		s.timer = time.AfterFunc(sharedFor, s.clear)
	}
}

func (a *answer) given() bool {
	select {
	case <-a.ready:
		return true
	default:
		return false
	}
}

// clear forgets what was given; what is still to come stays.
func (s *answers) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for q, a := range s.known {
		if a.given() {
			delete(s.known, q)
		}
	}
	s.bytes = 0
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}
