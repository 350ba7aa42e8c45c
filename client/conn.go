// Package client is the Go SDK: sign in, follow what happens, say something.
//
//	token, err := client.Login(ctx, "https://chat.example.org", "ann", password)
//	conn, err := client.Dial(ctx, "https://chat.example.org", token, client.Options{})
//	defer conn.Close()
//	ack, err := conn.Post(ctx, room, "hello")
//	for {
//		ev, err := conn.Next(ctx)
//		…
//	}
//
// A Conn keeps itself connected: when the line is cut it comes back with growing, randomised waits,
// fetches what it missed and sends again what was not answered. It hands over every change of every
// scope once and in order, and a post is stored once however often it had to be sent. It is safe for
// concurrent use. It keeps nothing on disk: to resume in another process, save Cursors and dial with
// them.
package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const (
	eventQueue   = 256      // events nobody took yet; beyond it reading stops and the server holds back
	mostFrame    = 16 << 20 // a page of the largest changes fits
	firstBackoff = 500 * time.Millisecond
	mostBackoff  = 30 * time.Second // a restarted server has everybody back within a minute
	heartbeat    = 30 * time.Second // a line that does not answer a ping within this time is dead
	dialTimeout  = 15 * time.Second
	writeTimeout = 15 * time.Second
)

// ErrClosed is what a Conn gives after Close.
var ErrClosed = errors.New("the connection was closed")

// Options of a connection; the zero value works.
type Options struct {
	// Cursors say where to continue, per scope: from Cursors of an earlier Conn or CursorsOf a Sync.
	// Scopes that are missing are fetched from their beginning. Nil: begin with what happens from now on.
	Cursors map[myna.Scope]int64
	// HTTPClient is used for the upgrade and must not have a timeout; nil: a plain one.
	HTTPClient *http.Client
	// Backoff bounds the wait before the first new attempt; it doubles with every one that fails, up to
	// 30 seconds, and the wait is drawn anew below the bound each time. 0: half a second.
	Backoff time.Duration
}

// Conn is one device's line to the server.
type Conn struct {
	api    *API
	opts   Options
	events chan Event
	stop   context.CancelFunc
	done   chan struct{} // closed when run has ended; err is set before

	mu      sync.Mutex // guards what follows
	err     error
	ws      *websocket.Conn // nil while the line is down
	scopes  map[myna.Scope]*scope
	taken   map[myna.Scope]int64 // cursors of what Next has given out
	posts   []*post              // without an answer, oldest first
	fetches int64                // refs given out
	drained time.Duration
}

// post is something said that waits for its answer.
type post struct {
	frame wire.Post
	ack   wire.Ack
	err   error
	done  chan struct{}
}

// line is a WebSocket whose first frame has come.
type line struct {
	*websocket.Conn
	ready wire.Ready
}

// Dial connects and waits for the server's greeting: what happens after it returns will be told. The
// context bounds the first attempt, whose error is given as it is; later attempts are the Conn's own
// affair until Close.
func Dial(ctx context.Context, baseURL, token string, o Options) (*Conn, error) {
	api, err := New(baseURL, token, nil)
	if err != nil {
		return nil, err
	}
	if o.Backoff <= 0 {
		o.Backoff = firstBackoff
	}
	c := &Conn{
		api: api, opts: o, events: make(chan Event, eventQueue), done: make(chan struct{}),
		scopes: map[myna.Scope]*scope{}, taken: map[myna.Scope]int64{},
	}
	for s, cursor := range o.Cursors {
		c.scopes[s] = &scope{cursor: cursor, wanted: cursor}
		c.taken[s] = cursor
	}
	l, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.Background())
	c.stop = stop
	go c.run(life, l)
	return c, nil
}

// API makes REST calls as the same person.
func (c *Conn) API() *API { return c.api }

// Next gives the next event. After the end it gives the reason: ErrClosed, or why the server does not
// want this device back (its kind is Unauthorized when the session ended).
func (c *Conn) Next(ctx context.Context) (Event, error) {
	select {
	case ev := <-c.events:
		return c.take(ev), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.done:
	}
	select {
	case ev := <-c.events: // what came before the end
		return c.take(ev), nil
	default:
		return nil, c.failure()
	}
}

// take moves the cursors that a caller may save.
func (c *Conn) take(ev Event) Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := ev.(type) {
	case Change:
		c.taken[e.Scope] = max(c.taken[e.Scope], e.Rev)
		if m, ok := e.Row.(wire.Membership); ok && m.Left {
			delete(c.taken, m.Room.Scope())
		}
	case Reset:
		c.taken[e.Scope] = max(c.taken[e.Scope], e.Head)
	case Connected:
		if c.opts.Cursors == nil && len(c.taken) == 0 {
			maps.Copy(c.taken, e.Heads)
		}
	}
	return ev
}

// Cursors say how far the events that Next has given out have come: dial with them to continue there.
func (c *Conn) Cursors() map[myna.Scope]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.taken)
}

// Post says something and waits for the answer, however often the line breaks meanwhile. When ctx ends
// first the message may or may not be stored: PostAs with the same nonce finds out.
func (c *Conn) Post(ctx context.Context, room myna.RoomID, text string) (wire.Ack, error) {
	return c.PostAs(ctx, NewNonce(), room, text)
}

// PostAs is Post with a nonce of the caller's, for instance one kept in an outbox.
func (c *Conn) PostAs(ctx context.Context, nonce myna.Nonce, room myna.RoomID, text string) (wire.Ack, error) {
	p := &post{
		frame: wire.Post{Type: wire.FramePost, Nonce: nonce, Room: room, Text: text},
		done:  make(chan struct{}),
	}
	c.mu.Lock()
	c.posts = append(c.posts, p)
	ws := c.ws
	c.mu.Unlock()
	if ws != nil {
		_ = c.write(ws, p.frame) // a failed write ends the line; the next one sends it again
	}
	defer c.forget(p)
	select {
	case <-p.done:
		return p.ack, p.err
	case <-ctx.Done():
		return wire.Ack{}, ctx.Err()
	case <-c.done:
		return wire.Ack{}, c.failure()
	}
}

// Send gives the server any frame that has no answer: wire.Read, Typing, Focus, Watch. It is lost when
// the line is down.
func (c *Conn) Send(frame any) error {
	c.mu.Lock()
	ws := c.ws
	c.mu.Unlock()
	if ws == nil {
		return errors.New("not connected")
	}
	return c.write(ws, frame)
}

// Close ends the connection and waits for its goroutines.
func (c *Conn) Close() error {
	c.stop()
	<-c.done
	return nil
}

func (c *Conn) forget(p *post) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.posts {
		if other == p {
			c.posts = append(c.posts[:i:i], c.posts[i+1:]...)
			return
		}
	}
}

func (c *Conn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *Conn) connect(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	h := http.Header{}
	c.api.sign(h)
	ws, res, err := websocket.Dial(ctx, c.api.live(), &websocket.DialOptions{
		HTTPClient: c.opts.HTTPClient, HTTPHeader: h, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		if res != nil && res.StatusCode >= 400 {
			body, _ := io.ReadAll(io.LimitReader(res.Body, 16<<10)) // coder gives the first KiB
			return nil, errorOf(res, body)
		}
		return nil, fmt.Errorf("dial %s: %w", c.api.live(), err)
	}
	ws.SetReadLimit(mostFrame)
	l := &line{Conn: ws}
	_, b, err := ws.Read(ctx)
	if err == nil {
		err = json.Unmarshal(b, &l.ready)
	}
	if err == nil && l.ready.Type != wire.FrameReady {
		err = fmt.Errorf("the first frame is %q, not ready", l.ready.Type)
	}
	if err != nil {
		_ = ws.CloseNow()
		return nil, fmt.Errorf("dial %s: %w", c.api.live(), err)
	}
	return l, nil
}

func (c *Conn) write(ws *websocket.Conn, frame any) error {
	b, err := json.Marshal(frame)
	if err != nil {
		return fmt.Errorf("encode a frame: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return ws.Write(ctx, websocket.MessageText, b)
}

// NewNonce makes a ULID: milliseconds and 80 random bits.
func NewNonce() myna.Nonce {
	var n myna.Nonce
	_, _ = rand.Read(n[6:]) // crypto/rand never fails
	ms := time.Now().UnixMilli()
	for i := range 6 {
		n[i] = byte(ms >> (40 - 8*i))
	}
	return n
}

// backoff draws the wait before attempt n (from 0): anything below a bound that doubles.
func backoff(first time.Duration, n int) time.Duration {
	bound := min(first<<min(n, 10), mostBackoff)
	return time.Duration(mathrand.Int64N(int64(bound) + 1))
}
