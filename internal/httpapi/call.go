package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

var errPanicked = errors.New("the handler panicked")

// call is one request on its way through a route. A handler gets it with the principal proved.
type call struct {
	api       *API
	route     *route
	w         http.ResponseWriter
	r         *http.Request
	address   netip.Addr
	principal myna.Principal
	session   myna.Session
	status    int // 0 until something was answered
}

func (c *call) ctx() context.Context { return c.r.Context() }

// answer sends out as JSON with the route's good status.
func (c *call) answer(out any) error {
	body, err := json.Marshal(out, jsonOptions())
	if err != nil {
		return fmt.Errorf("encode the answer of %s: %w", c.route.id, err)
	}
	c.send(c.route.goodStatus(), body)
	return nil
}

// scratch holds the buffers of large answers between requests.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// keptScratch bounds the buffers that are kept: a page of ordinary messages fits.
const keptScratch = 256 << 10

func (c *call) answerEncoded(out encoder) error {
	buffer := scratch.Get().(*[]byte)
	defer scratch.Put(buffer)
	body, err := out.appendJSON((*buffer)[:0])
	if err != nil {
		return fmt.Errorf("encode the answer of %s: %w", c.route.id, err)
	}
	c.send(c.route.goodStatus(), body)
	if cap(body) <= keptScratch {
		*buffer = body
	}
	return nil
}

// jsonOptions of every body: nil lists are [], and omitempty means what it means in encoding/json.
func jsonOptions() json.Options { return jsonv1.OmitEmptyWithLegacySemantics(true) }

func (c *call) answerNothing() {
	c.status = http.StatusNoContent
	c.w.Header()["Cache-Control"] = noStore()
	c.w.WriteHeader(c.status)
}

func (c *call) sendFile(f *file) {
	c.w.Header()["Cache-Control"] = []string{"no-cache"}
	c.sendAs(http.StatusOK, f.mediaType, f.body)
}

func (c *call) send(status int, body []byte) {
	c.w.Header()["Cache-Control"] = noStore()
	c.sendAs(status, "application/json", body)
}

func (c *call) sendAs(status int, mediaType string, body []byte) {
	header := c.w.Header()
	header["Content-Type"] = []string{mediaType}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.status = status
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(body) // the client went away: nobody to tell
	}
}

func noStore() []string { return []string{"no-store"} }

// fail answers with the error. Errors of kind Internal are logged here and nowhere else; the client
// learns only that something went wrong. That a client went away is not an error of ours.
func (c *call) fail(err error) {
	e := myna.AsError(err)
	left := errors.Is(err, context.Canceled) && c.ctx().Err() != nil
	if e.Kind == myna.Internal && !left && !errors.Is(err, errPanicked) {
		c.api.log.LogAttrs(c.ctx(), slog.LevelError, "request failed",
			slog.String("method", c.r.Method), slog.String("route", c.route.path), slog.Any("error", err))
	}
	if e.RetryAfter > 0 {
		c.w.Header().Set("Retry-After", strconv.FormatInt(wire.ErrorOf(e).RetryAfter, 10))
	}
	body, err := json.Marshal(wire.Failure{Error: wire.ErrorOf(e)}, jsonOptions())
	if err != nil {
		body = []byte(`{"error":{"code":"internal","message":"something went wrong on the server; try again"}}`)
	}
	c.send(wire.StatusOf(e), body)
}

// recovered answers a panic of a handler; it is deferred around everything a route does.
func (c *call) recovered() {
	reason := recover()
	if reason == nil {
		return
	}
	if err, ok := reason.(error); ok && err == http.ErrAbortHandler {
		panic(reason)
	}
	c.api.log.LogAttrs(c.ctx(), slog.LevelError, "request panicked",
		slog.String("method", c.r.Method), slog.String("route", c.route.path),
		slog.Any("panic", reason), slog.String("stack", string(debug.Stack())))
	if c.status == 0 {
		c.fail(errPanicked)
	}
}

// logged writes the access log line: the route's pattern and never the address asked for, which may
// hold the code of an invite.
func (c *call) logged(started time.Time) {
	c.api.log.LogAttrs(c.ctx(), slog.LevelDebug, "request",
		slog.String("method", c.r.Method), slog.String("route", c.route.path), slog.Int("status", c.status),
		slog.Duration("took", time.Since(started)), slog.String("session", sessionName(c.principal)))
}

func sessionName(p myna.Principal) string {
	if p.Session == 0 {
		return ""
	}
	return p.Session.String()
}
