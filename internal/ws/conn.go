package ws

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/wire"
)

const (
	// closeWait is how long a device gets to answer our close frame.
	closeWait = 3 * time.Second
	// writeWait is how long a full socket may take no byte before the device is given up.
	writeWait = 30 * time.Second
	// maxReason keeps a close frame within the 125 bytes of a control frame.
	maxReason = 120
)

// conn is one connection: a session of the hub and the socket it lives on. It is the session's Outlet.
type conn struct {
	live.Session
	h     *Handler
	sock  sock
	shard *shard
	inbox inbox

	state   atomic.Uint32 // open, closing or ended
	stuck   atomic.Bool   // the socket is full, and the poller is to say when it takes bytes again
	timed   atomic.Bool   // stands in Handler.deadlines
	refused atomic.Uint32 // frames beyond the person's budget, without a pause in between
	bad     uint8         // frames that made no sense; used by whoever works on the inbox
	deaf    bool          // what comes is thrown away; used by the reader
	in      parser        // used by the reader
	rest    []byte        // taken from the queue and not written; used by the writer
}

// The states of a connection; it only ever moves on.
const (
	open    = iota
	closing // the device closes, or the line is broken
	ended   // we closed it: nothing the device sent is carried out any more
)

// feed handles bytes that came in. The reader calls it; b is its own to change.
func (c *conn) feed(b []byte) {
	c.Heard()
	if !c.deaf && c.state.Load() != open { // told to go: nothing it sends is looked at any more
		c.deaf, c.in = true, parser{}
	}
	if c.deaf {
		return
	}
	if err := c.in.feed(b, c.count, c.came); err != nil {
		// Read on until the device has closed: a socket that is closed with bytes unread is reset, and
		// the close frame would be lost.
		c.deaf, c.in = true, parser{}
		c.h.hub.Detach(&c.Session)
		c.End(closeCode(err), err.Error())
	}
}

func closeCode(err error) int {
	switch {
	case errors.Is(err, errTooLarge):
		return wire.CloseTooLarge
	case errors.Is(err, errNotUTF8):
		return wire.CloseNotUTF8
	case errors.Is(err, errBinary):
		return wire.CloseBadFrame
	case errors.Is(err, errTooMany):
		return wire.CloseTooManyFrames
	default:
		return int(ws.StatusProtocolError)
	}
}

// count takes a frame from the person's budget; the error sends the device away.
func (c *conn) count() (over bool, err error) {
	over = !c.spend(1)
	if c.refused.Load() > maxRefused {
		err = errTooMany
	}
	return over, err
}

// spend takes frames from the person's budget and notes a refusal.
func (c *conn) spend(cost int) bool {
	ok, calm := c.Spend(cost)
	switch {
	case !ok:
		c.refused.Add(1)
	case calm && c.refused.Load() > 0:
		c.refused.Store(0)
	}
	return ok
}

// came takes a whole message: into the inbox, for another goroutine to handle.
func (c *conn) came(m message) {
	switch {
	case m.op == ws.OpClose:
		c.peerCloses(m.data)
	case c.state.Load() != open: // it will not be heard any more
	case m.op != ws.OpPong:
		if c.inbox.put(m) {
			c.h.tasks.start(c.work)
		}
	}
}

// peerCloses answers the device's close frame with its own code, unless it is itself the answer to ours.
func (c *conn) peerCloses(data []byte) {
	c.deaf = true
	c.h.hub.Detach(&c.Session)
	if c.state.Load() != open {
		return
	}
	if code, reason := ws.ParseCloseFrameData(data); len(data) > 0 && ws.CheckCloseFrameData(code, reason) != nil {
		data = ws.NewCloseFrameBody(ws.StatusProtocolError, "")
	}
	c.endWith(closing, live.NewFrame(ws.OpClose, data), true)
}

// End implements live.Outlet.
func (c *conn) End(code int, reason string) {
	if len(reason) > maxReason {
		reason = reason[:maxReason]
	}
	body := ws.NewCloseFrameBody(ws.StatusCode(code), reason)
	keep := code == wire.CloseGoingAway // what was queued before a restart may still be delivered
	c.endWith(ended, live.NewFrame(ws.OpClose, body), keep)
}

// endWith makes f, a close frame, the last that is written, and gives the device a moment to close.
func (c *conn) endWith(state uint32, f *live.Frame, keep bool) {
	if !c.state.CompareAndSwap(open, state) {
		c.state.CompareAndSwap(closing, state)
		return
	}
	c.h.deadlines.set(c, closeWait, true)
	if c.Finish(f, keep) {
		c.shard.add(c)
	}
}

// broken ends a connection that cannot be written to. The reader finds it out and cleans up.
func (c *conn) broken() {
	c.state.CompareAndSwap(open, closing)
	c.Abandon()
	c.sock.kill()
}

// gone cleans up after the last byte was read. The reader calls it, once.
func (c *conn) gone() {
	c.h.hub.Detach(&c.Session)
	c.state.CompareAndSwap(open, closing)
	c.Abandon()
	c.inbox.close()
	c.sock.close()
	c.h.deadlines.drop(c)
	c.h.tasks.done()
}

// caught is deferred by the reader and by whoever makes the connection: after a fault of ours it is
// closed, without a close frame as nobody knows how far things came, and everybody else's goes on.
func (c *conn) caught() {
	if fault := recover(); fault != nil {
		c.logFault("connection failed", fault)
		c.gone()
	}
}

// logFault logs a fault of ours without what somebody wrote, which only the runtime's own errors are
// known not to repeat.
func (c *conn) logFault(what string, fault any) {
	if _, known := fault.(runtime.Error); !known {
		fault = fmt.Sprintf("%T", fault)
	}
	c.h.log.Error(what, "user", c.Principal().User.String(), "fault", fault, "stack", string(debug.Stack()))
}

// deadlines breaks connections whose time is over. Few have one: those that were told to go and those
// whose socket is full. So there is one timer, which runs only while there are any.
type deadlines struct {
	mu    sync.Mutex
	due   map[*conn]deadline
	timer *time.Timer
}

type deadline struct {
	at    time.Time
	final bool // whatever happens; otherwise only if the socket is still full
}

const deadlineTick = time.Second

func (d *deadlines) set(c *conn, wait time.Duration, final bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.due[c].final {
		return
	}
	if d.due == nil {
		d.due = map[*conn]deadline{}
	}
	d.due[c] = deadline{at: time.Now().Add(wait), final: final}
	c.timed.Store(true)
	if d.timer == nil {
		d.timer = time.AfterFunc(deadlineTick, d.look)
	}
}

func (d *deadlines) drop(c *conn) {
	if !c.timed.Load() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.due, c)
}

func (d *deadlines) look() {
	now := time.Now()
	var over []*conn
	d.mu.Lock()
	for c, due := range d.due {
		if now.Before(due.at) {
			continue
		}
		delete(d.due, c)
		if due.final || c.stuck.Load() {
			over = append(over, c)
		}
	}
	if d.timer = nil; len(d.due) > 0 {
		d.timer = time.AfterFunc(deadlineTick, d.look)
	}
	d.mu.Unlock()
	for _, c := range over {
		c.broken()
	}
}

// stop ends the timer; nobody has a deadline any more.
func (d *deadlines) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
}

// maxRefused frames beyond the person's budget, and the device is sent away.
const maxRefused = 100

// retryAfter is what a refused device is told: by then it may send a few again.
const retryAfter = time.Second

func tooMany() error {
	return myna.Errorf(myna.Limited, myna.CodeTooMany, "too many frames: at most %d a second for all your devices", myna.MaxFrames).After(retryAfter)
}
