package ws

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/wire"
)

const (
	// closeWait is how long a device gets to answer our close frame.
	closeWait = 3 * time.Second
	// maxReason keeps a close frame within the 125 bytes of a control frame.
	maxReason = 120
)

// conn is one connection: a session of the hub and the socket it lives on. It is the session's Outlet.
type conn struct {
	live.Session
	h     *Handler
	net   net.Conn
	raw   syscall.RawConn // of a plain TCP socket; nil if it can only be read and written blocking
	shard *shard
	inbox inbox

	state atomic.Uint32 // open, closing or ended
	bad   uint8         // frames that made no sense; used by whoever works on the inbox

	// Used by the reader only.
	in   parser
	rate bucket
}

// The states of a connection; it only ever moves on.
const (
	open    = iota
	closing // the device closes, or the line is broken
	ended   // we closed it: nothing the device sent is carried out any more
)

// read is the goroutine of a connection. It waits for bytes without a buffer, where the socket can, and
// owns the connection: when it returns everything is closed.
func (c *conn) read() {
	defer c.gone()
	if c.raw == nil {
		c.readBlocking()
		return
	}
	var err error
	if broken := c.raw.Read(func(fd uintptr) bool {
		err = c.readAll(fd)
		return err != nil
	}); broken != nil && err == nil {
		err = broken
	}
	c.readEnded(err)
}

// readAll reads until nothing is there any more, into a buffer that is borrowed for that long.
func (c *conn) readAll(fd uintptr) error {
	buf := readBuffers.Get().(*[readSize]byte)
	defer readBuffers.Put(buf)
	for {
		n, again, err := readNow(fd, buf[:])
		if again || err != nil {
			return err
		}
		if err := c.feed(buf[:n]); err != nil {
			return err
		}
	}
}

// readSize is enough for several usual frames and small enough to have one for each busy reader.
const readSize = 4 << 10

var readBuffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// readBlocking is for TLS in the process and for systems without readAll: it holds a small buffer.
func (c *conn) readBlocking() {
	var buf [1 << 10]byte
	for {
		n, err := c.net.Read(buf[:])
		if n > 0 && err == nil {
			err = c.feed(buf[:n])
		}
		if err != nil {
			c.readEnded(err)
			return
		}
	}
}

// errDone ends the reading of a connection that was closed in good order.
var errDone = errors.New("closed")

// feed handles bytes that came in.
func (c *conn) feed(b []byte) error {
	c.Heard()
	var stop error
	err := c.in.feed(b, c.count, func(m message) {
		if stop == nil {
			stop = c.came(m)
		}
	})
	if err == nil {
		err = stop
	}
	return err
}

// count takes a frame from the rate limit.
func (c *conn) count() (over bool) {
	return !c.Principal().Load && !c.rate.take(time.Now())
}

// came takes a whole message: into the inbox, for another goroutine to handle.
func (c *conn) came(m message) error {
	switch {
	case m.op == ws.OpClose:
		return c.peerCloses(m.data)
	case c.state.Load() != open: // it will not be heard any more
	case c.rate.refused > maxRefused:
		c.h.hub.Detach(&c.Session)
		c.End(wire.CloseTooManyFrames, "too many frames")
	case m.op != ws.OpPong:
		if c.inbox.put(m) {
			c.h.tasks.start(c.work)
		}
	}
	return nil
}

// peerCloses answers the device's close frame with its own code, unless it is itself the answer to ours.
func (c *conn) peerCloses(data []byte) error {
	if c.state.Load() != open {
		return errDone
	}
	c.h.hub.Detach(&c.Session)
	body := data
	if code, reason := ws.ParseCloseFrameData(data); len(data) > 0 && ws.CheckCloseFrameData(code, reason) != nil {
		body = ws.NewCloseFrameBody(ws.StatusProtocolError, "")
	}
	c.endWith(closing, live.NewFrame(ws.OpClose, body), true)
	return nil // the device closes, or closeWait passes
}

// readEnded says goodbye according to why the reading ended.
func (c *conn) readEnded(err error) {
	code := 0
	var protocol ws.ProtocolError
	switch {
	case errors.Is(err, errTooLarge):
		code = wire.CloseTooLarge
	case errors.Is(err, errNotUTF8):
		code = wire.CloseNotUTF8
	case errors.Is(err, errBinary):
		code = wire.CloseBadFrame
	case errors.As(err, &protocol):
		code = int(ws.StatusProtocolError)
	default:
		return // the line is gone or was closed
	}
	c.h.hub.Detach(&c.Session)
	c.End(code, err.Error())
	// Read on until the device has closed: a socket closed with bytes unread is reset, and the close
	// frame would be lost. What comes is thrown away.
	_, _ = io.Copy(io.Discard, c.net)
}

// gone cleans up after the last byte was read.
func (c *conn) gone() {
	c.h.hub.Detach(&c.Session)
	c.state.CompareAndSwap(open, closing)
	c.Abandon()
	c.inbox.close()
	_ = c.net.Close()
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

// endWith makes f, a close frame, the last that is written, and gives the device a moment to answer it.
func (c *conn) endWith(state uint32, f *live.Frame, keep bool) {
	if !c.state.CompareAndSwap(open, state) {
		c.state.CompareAndSwap(closing, state)
		return
	}
	_ = c.net.SetReadDeadline(time.Now().Add(closeWait)) // fails only if it is closed already
	if c.Finish(f, keep) {
		c.shard.add(c)
	}
}

// broken ends a connection that cannot be written to. The reader finds it closed and cleans up.
func (c *conn) broken() {
	c.state.CompareAndSwap(open, closing)
	c.Abandon()
	_ = c.net.Close()
}

// The rate of frames a device may send: far more than fingers and a client's bookkeeping make, with room
// for what piles up while it was away.
const (
	framesPerSecond = 50
	frameBurst      = 200
	// maxRefused frames beyond the rate, without a pause in between, and the device is sent away.
	maxRefused = 100
)

// bucket is a token bucket in 12 bytes: the time at which it will be full again.
type bucket struct {
	full    int64 // Unix nanoseconds
	refused uint16
}

func (b *bucket) take(now time.Time) bool {
	const each = int64(time.Second) / framesPerSecond
	at := now.UnixNano()
	behind := max(b.full-at, 0)
	if behind > (frameBurst-1)*each {
		b.refused++
		return false
	}
	if behind < frameBurst/2*each {
		b.refused = 0
	}
	b.full = at + behind + each
	return true
}

// retryAfter is what a refused device is told: by then it may send a few again.
const retryAfter = time.Second

func tooMany() error {
	return myna.Errorf(myna.Limited, myna.CodeTooMany, "too many frames: at most %d a second", framesPerSecond).After(retryAfter)
}
