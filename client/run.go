package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// scope is how far a device has come in one scope.
type scope struct {
	cursor   int64
	wanted   int64 // a rev known to exist; above the cursor: there is something to fetch
	fetching bool
	ref      int64 // of the fetch under way
}

// run keeps the line up until Close or until the server does not want the device back.
func (c *Conn) run(ctx context.Context, l *line) {
	defer close(c.done)
	for attempt := 0; ; attempt++ {
		var err error
		if l == nil {
			l, err = c.connect(ctx)
		}
		if l != nil {
			attempt = 0
			err = c.serve(ctx, l)
			l = nil
		}
		if end := ending(ctx, err); end != nil {
			c.mu.Lock()
			c.err = end
			c.mu.Unlock()
			return
		}
		wait := c.wait(attempt, err)
		_ = c.emit(ctx, Disconnected{Err: err, Retry: wait})
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// wait is how long to stay away: what the server asked for, and a random part on top.
func (c *Conn) wait(attempt int, err error) time.Duration {
	wait := backoff(c.opts.Backoff, attempt)
	var e *myna.Error
	if errors.As(err, &e) {
		wait += e.RetryAfter
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	wait += c.drained
	c.drained = 0
	return wait
}

// ending says whether an error is the last word, by the ranges of wire's close codes.
func ending(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrClosed
	}
	code := int(websocket.CloseStatus(err))
	switch {
	case code == wire.CloseDisabled:
		return myna.Errorf(myna.Unauthorized, myna.CodeDisabled, "the account was disabled")
	case code >= 4100 && code < 4200:
		return myna.Errorf(myna.Unauthorized, myna.CodeSessionEnded, "the session ended: sign in again")
	case code >= 4200 && code < 4300 || code == wire.CloseTooLarge || code == wire.CloseNotUTF8:
		return myna.Errorf(myna.Invalid, myna.CodeBadFrame, "the server refused what was sent: %w", err)
	}
	var e *myna.Error
	if errors.As(err, &e) && (e.Kind == myna.Unauthorized || e.Kind == myna.Denied || e.Kind == myna.NotFound) {
		return e
	}
	return nil
}

// serve reads one line until it ends.
func (c *Conn) serve(ctx context.Context, l *line) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	defer func() { _ = l.CloseNow() }()
	defer c.down()
	wg.Go(func() { beat(ctx, l.Conn) })
	if err := c.ready(ctx, l.Conn, l.ready); err != nil {
		return err
	}
	for {
		kind, b, err := l.Read(ctx)
		if err != nil {
			return err
		}
		if kind != websocket.MessageText {
			return errors.New("the server sent a frame that is not text")
		}
		if err := c.frame(ctx, l.Conn, b); err != nil {
			return err
		}
	}
}

// down marks the line as gone; answers to fetches will not come.
func (c *Conn) down() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ws = nil
	for _, s := range c.scopes {
		s.fetching = false
	}
}

// beat finds a dead line.
func beat(ctx context.Context, ws *websocket.Conn) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		pctx, cancel := context.WithTimeout(ctx, heartbeat)
		err := ws.Ping(pctx)
		cancel()
		if err != nil {
			_ = ws.CloseNow()
			return
		}
	}
}

func (c *Conn) frame(ctx context.Context, ws *websocket.Conn, b []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	switch head.Type {
	case wire.FrameChange:
		return with(b, func(r rawChange) error { return c.change(ctx, ws, r) })
	case wire.FrameChanges:
		return with(b, func(r rawChanges) error { return c.changes(ctx, ws, r) })
	case wire.FrameAck:
		return with(b, func(a wire.Ack) error { c.answer(a.Nonce, a, nil); return nil })
	case wire.FrameError:
		return with(b, c.refused)
	case wire.FrameResync:
		return with(b, func(r wire.Resync) error { return c.resync(ws, r) })
	case wire.FrameSignal:
		return with(b, func(s wire.Signal) error { return c.emit(ctx, Signal{s}) })
	case wire.FrameDrain:
		return with(b, c.drain)
	}
	return nil // pong, or a frame of a later version
}

// drain notes how long the server wants to be left alone after it ends the line.
func (c *Conn) drain(d wire.Drain) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drained = time.Duration(d.AfterMS) * time.Millisecond
	return nil
}

func with[T any](b []byte, fn func(T) error) error {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	return fn(v)
}

// emit hands an event over; it blocks while nobody takes them, which is what holds the server back.
func (c *Conn) emit(ctx context.Context, ev Event) error {
	select {
	case c.events <- ev:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ready begins a line: fetch what was missed, send again what was not answered.
func (c *Conn) ready(ctx context.Context, ws *websocket.Conn, r wire.Ready) error {
	if err := c.emit(ctx, Connected{r}); err != nil {
		return err
	}
	c.mu.Lock()
	if c.opts.Cursors == nil && len(c.scopes) == 0 {
		for s, head := range r.Heads {
			c.scopes[s] = &scope{cursor: head, wanted: head}
		}
	}
	for s := range c.scopes {
		if _, followed := r.Heads[s]; !followed {
			delete(c.scopes, s) // left, or removed from it, while away
		}
	}
	c.ws = ws
	c.mu.Unlock()
	return c.catchUp(ws, r.Heads)
}

// resync follows a dropped queue: answers that stood in it are lost, so everything is asked again.
func (c *Conn) resync(ws *websocket.Conn, r wire.Resync) error {
	c.mu.Lock()
	for _, s := range c.scopes {
		s.fetching = false
	}
	c.mu.Unlock()
	return c.catchUp(ws, r.Heads)
}

// catchUp fetches what was missed and sends again what was not answered.
func (c *Conn) catchUp(ws *websocket.Conn, heads map[myna.Scope]int64) error {
	if err := c.heads(ws, heads); err != nil {
		return err
	}
	c.mu.Lock()
	again := make([]wire.Post, len(c.posts))
	for i, p := range c.posts {
		again[i] = p.frame
	}
	c.mu.Unlock()
	for _, p := range again {
		if err := c.write(ws, p); err != nil {
			return err
		}
	}
	return nil
}

// heads fetches what lies between the cursors and the heads.
func (c *Conn) heads(ws *websocket.Conn, heads map[myna.Scope]int64) error {
	for s, head := range heads {
		if err := c.want(ws, s, head); err != nil {
			return err
		}
	}
	return nil
}

// want notes that a rev exists and fetches it unless it is here or on its way.
func (c *Conn) want(ws *websocket.Conn, s myna.Scope, rev int64) error {
	c.mu.Lock()
	st := c.scopes[s]
	if st == nil {
		st = &scope{}
		c.scopes[s] = st
	}
	st.wanted = max(st.wanted, rev)
	ask := !st.fetching && st.wanted > st.cursor
	if ask {
		c.fetches++
		st.fetching, st.ref = true, c.fetches
	}
	f := wire.Fetch{Type: wire.FrameFetch, Ref: st.ref, Scope: s, After: st.cursor}
	c.mu.Unlock()
	if !ask {
		return nil
	}
	return c.write(ws, f)
}

// change takes a live row by the cursor rule.
func (c *Conn) change(ctx context.Context, ws *websocket.Conn, r rawChange) error {
	c.mu.Lock()
	st := c.scopes[r.Scope]
	next := st != nil && r.Rev == st.cursor+1
	old := st != nil && r.Rev <= st.cursor
	c.mu.Unlock()
	switch {
	case next:
		return c.apply(ctx, r)
	case old:
		return nil
	}
	return c.want(ws, r.Scope, r.Rev)
}

// apply hands a row over and moves the cursor. Only the reading goroutine moves cursors.
func (c *Conn) apply(ctx context.Context, r rawChange) error {
	ch, err := r.decode()
	if err != nil {
		return err
	}
	if err := c.emit(ctx, ch); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if st := c.scopes[r.Scope]; st != nil {
		st.cursor = r.Rev
	}
	if m, ok := ch.Row.(wire.Membership); ok && m.Left {
		delete(c.scopes, m.Room.Scope())
	}
	return nil
}

// changes takes the answer to a fetch.
func (c *Conn) changes(ctx context.Context, ws *websocket.Conn, a rawChanges) error {
	c.mu.Lock()
	st := c.scopes[a.Scope]
	if st == nil || st.ref != a.Ref {
		c.mu.Unlock()
		return nil // left meanwhile
	}
	st.fetching = false
	cursor := st.cursor
	c.mu.Unlock()
	if a.Reset {
		if err := c.emit(ctx, Reset{Scope: a.Scope, Head: a.Head}); err != nil {
			return err
		}
	}
	for _, r := range a.Rows {
		if r.Rev <= cursor {
			continue // came live while the answer was on its way
		}
		if err := c.apply(ctx, r); err != nil {
			return err
		}
	}
	c.mu.Lock()
	if st := c.scopes[a.Scope]; st != nil && (!a.More || a.Reset) {
		st.cursor = max(st.cursor, a.Head)
	}
	c.mu.Unlock()
	return c.want(ws, a.Scope, a.Head)
}

// refused takes an error frame: the answer to a post, or to a fetch. A scope that is no longer ours to
// see is forgotten; any other failed fetch ends the line, and the next one asks again after a wait.
func (c *Conn) refused(e wire.ErrorFrame) error {
	err := asError(kindOfCode(e.Error), e.Error)
	if e.Nonce != (myna.Nonce{}) {
		c.answer(e.Nonce, wire.Ack{}, err)
		return nil
	}
	if e.Ref == 0 {
		return nil // of a frame that has no answer
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for s, st := range c.scopes {
		if st.fetching && st.ref == e.Ref && err.Kind == myna.NotFound {
			delete(c.scopes, s)
			return nil
		}
	}
	err.Kind = myna.Limited
	return err
}

// kindOfCode tells what a caller can do about an error frame, which carries no status.
func kindOfCode(e wire.ErrorBody) myna.Kind {
	switch e.Code {
	case myna.CodeOverloaded, myna.CodeTooMany:
		return myna.Limited
	case myna.CodeNotFound:
		return myna.NotFound
	case myna.CodeDenied:
		return myna.Denied
	case myna.CodeArchived, myna.CodeConflict:
		return myna.Conflict
	case myna.CodeInternal:
		return myna.Internal
	}
	return myna.Invalid
}

// answer gives a post its answer.
func (c *Conn) answer(nonce myna.Nonce, ack wire.Ack, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range c.posts {
		if p.frame.Nonce == nonce {
			c.posts = append(c.posts[:i:i], c.posts[i+1:]...)
			p.ack, p.err = ack, err
			close(p.done)
			return
		}
	}
}
