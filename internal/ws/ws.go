// Package ws is the WebSocket: the upgrade, the frames, reading, writing and close codes.
//
// A connection costs little while nothing happens: no goroutine, no timer, no buffer. One goroutine
// (poller) waits for all of them. A frame that comes in is handled by a goroutine of its own that ends
// when the connection's inbox is empty. Frames that go out wait in the session's queue (package live);
// whoever queued the first writes it at once without blocking, or leaves it to one of a few writer
// shards, each of which gathers what has piled up in a queue into one write. What a full socket does not
// take waits for the poller's word, until a deadline has passed.
//
// The frames of one connection are handled one after the other in the order they came. A Handler is safe
// for concurrent use. It keeps no state of what people follow and decides no rights: that is live's and
// chat's part.
package ws

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/wire"
)

// Chat is what a frame may ask for; *chat.Chat in the server.
type Chat interface {
	PostAsync(ctx context.Context, p myna.Principal, in chat.PostInput, done func(chat.Posted, error))
	MarkRead(ctx context.Context, p myna.Principal, room myna.RoomID, seq int64, unread bool) (myna.Membership, error)
	Changes(ctx context.Context, p myna.Principal, scope myna.Scope, after int64, limit int) (chat.Changes, error)
}

// Authenticator proves who sends a request.
type Authenticator func(r *http.Request) (myna.Principal, myna.Session, error)

// Options of New.
type Options struct {
	Origin  string       // the public origin (scheme, host and port) browsers must come from
	Version string       // of the server, for the ready frame
	Log     *slog.Logger // slog.Default() if nil
}

// Handler upgrades GET requests to WebSockets and serves them.
type Handler struct {
	hub    *live.Hub
	chat   Chat
	auth   Authenticator
	o      Options
	origin string
	log    *slog.Logger
	shards []*shard
	next   atomic.Uint32 // shard of the next connection
	shared answers
	poller *poller // nil: a goroutine a connection

	deadlines deadlines

	ctx     context.Context // of everything a frame starts; ends with Close
	cancel  context.CancelFunc
	tasks   tasks          // readers, and whatever else works for connections
	writers sync.WaitGroup // the shards and the poller
	stop    chan struct{}
}

// New makes a Handler whose goroutines run until Close.
func New(hub *live.Hub, c Chat, auth Authenticator, o Options) *Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	h := &Handler{hub: hub, chat: c, auth: auth, o: o, origin: canonical(o.Origin), log: o.Log, stop: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.shared.init()
	if p, err := newPoller(); err == nil {
		h.poller = p
		h.writers.Go(p.run)
	} else {
		h.log.Debug("every connection has a goroutine", "reason", err)
	}
	for range runtime.GOMAXPROCS(0) {
		s := newShard()
		h.shards = append(h.shards, s)
		h.writers.Go(func() { s.run(h.stop) })
	}
	return h
}

// Close drains the hub, which ends every connection, and returns when nothing of the Handler runs any
// more. What frames have started is waited for, until ctx ends. The hub must still be running.
func (h *Handler) Close(ctx context.Context) {
	h.hub.Drain(ctx)
	defer context.AfterFunc(ctx, h.cancel)()
	h.tasks.wait()
	h.cancel()
	close(h.stop)
	if h.poller != nil {
		h.poller.close()
	}
	h.writers.Wait()
	h.deadlines.stop()
	h.shared.clear()
}

// ServeHTTP checks where the request comes from and who sends it, and then makes it a WebSocket. Once
// that is done it returns: what net/http holds for a request is given back.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	since := time.Now()
	if err := checkOrigin(r, h.origin); err != nil {
		refuse(w, err)
		return
	}
	p, session, err := h.auth(r)
	if err != nil {
		refuse(w, err)
		return
	}
	c, err := h.upgrade(w, r)
	if err != nil {
		h.log.Debug("no upgrade", "error", err)
		return // it answered
	}
	if !h.tasks.add() {
		c.sock.close()
		return
	}
	defer c.caught()
	err = h.hub.Attach(r.Context(), &c.Session, live.Device{
		Principal: p, Since: since, Expires: session.ExpiresAt, Version: h.o.Version, Outlet: c,
	})
	if err != nil {
		h.turnAway(c, err)
	}
	if len(c.in.partial) > 0 {
		c.feed(nil)
	}
	if s, ok := c.sock.(*stream); ok {
		go c.readStream(s)
		return
	}
	if err := h.poller.add(c); err != nil {
		h.log.Error("connection cannot be read", "error", err)
		c.gone()
	}
}

// turnAway ends a connection that could not be attached, with the close code that says why.
func (h *Handler) turnAway(c *conn, err error) {
	code := wire.CloseLost
	switch e := myna.AsError(err); e.Kind {
	case myna.Unauthorized:
		code = wire.CloseSessionEnded
	case myna.Limited:
		code = wire.CloseTooManyFrames
		if e.Code == myna.CodeOverloaded {
			code = wire.CloseGoingAway
		}
	case myna.Internal:
		h.log.Error("connection could not be attached", "user", c.Principal().User.String(), "error", err)
	}
	c.End(code, wire.ErrorOf(err).Message)
}

// refuse answers a request that does not become a WebSocket, in the form of every REST error.
func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	body := wire.ErrorOf(err)
	if body.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(body.RetryAfter, 10))
	}
	w.WriteHeader(wire.StatusOf(err))
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(wire.Failure{Error: body}) // a client that has gone does not hear why
}

// tasks counts the connections and the goroutines that work for them, and at the end waits until there
// are none.
type tasks struct {
	mu      sync.Mutex
	running int
	over    bool
	idle    chan struct{} // closed when running is 0 and somebody waits
}

// add counts one more, unless it is over; done must follow.
func (t *tasks) add() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.running++
	}
	return !t.over
}

// start runs f, unless it is over.
func (t *tasks) start(f func()) bool {
	if !t.add() {
		return false
	}
	go func() {
		defer t.done()
		f()
	}()
	return true
}

func (t *tasks) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running--; t.running == 0 && t.idle != nil {
		t.over = true
		close(t.idle)
		t.idle = nil
	}
}

// wait returns when nothing runs; from then on nothing can be started.
func (t *tasks) wait() {
	t.mu.Lock()
	idle := make(chan struct{})
	if t.running == 0 {
		t.over = true
		close(idle)
	} else {
		t.idle = idle
	}
	t.mu.Unlock()
	<-idle
}
