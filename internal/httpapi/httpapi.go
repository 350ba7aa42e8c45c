// Package httpapi is Myna's HTTP entrance: the REST API below /api/v1, its description, the WebSocket's
// address and the web client, all below the path of the configured public URL.
//
// Every route is one line of the table in routes.go, which says who may use it; New refuses a line that
// does not. A request passes, in this order: security headers, the check against cross-site requests,
// the session, the rate limit, the policy, the decoder (which refuses what it does not know), the
// handler. Handlers hold no rules: they translate between package wire and packages chat and auth.
//
// Every answer that is not 2xx has the body {"error": {"code", "message", "field", "retry_after"}}; no
// body, token or password is ever logged or sent back. An API is safe for concurrent use.
//
// It does not listen, set timeouts or do TLS: package server does.
package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/chat"
)

// prefix stands between the public URL's path and a route's path.
const prefix = "/api/v1"

// Options of New. PublicURL and Version are needed to make sense to people; the zero value works.
type Options struct {
	PublicURL *url.URL     // http://localhost:8080 if nil; a path is not stripped by a proxy in front
	Version   string       // of the build
	Live      http.Handler // GET /api/v1/live; nil: there is no such route
	Web       http.Handler // the client, given paths without the public URL's; nil: nothing
	Load      bool         // offer POST /api/v1/load, for tests only
	Rates     Rates
	Log       *slog.Logger     // slog.Default if nil
	Now       func() time.Time // time.Now if nil
}

// API is the entrance as a handler.
type API struct {
	chat    *chat.Chat
	auth    *auth.Auth
	door    *Door
	options Options
	log     *slog.Logger
	mux     *http.ServeMux
	base    string // path of the public URL without the last slash: "" or "/chat"
	origin  string
	csrf    *http.CrossOriginProtection
	headers []header
	users   *limiter[myna.UserID]
	peers   *limiter[string]
	spec    []byte
	page    []byte
	owned   atomic.Bool // there is an owner
}

// New makes the entrance. The door decides who is asking; give the same one to the WebSocket.
func New(c *chat.Chat, a *auth.Auth, door *Door, o Options) (*API, error) {
	if o.PublicURL == nil {
		o.PublicURL = &url.URL{Scheme: "http", Host: "localhost:8080"}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	rates := o.Rates.orDefault()
	api := &API{
		chat: c, auth: a, door: door, options: o, log: o.Log,
		mux:    http.NewServeMux(),
		base:   strings.TrimRight(o.PublicURL.Path, "/"),
		origin: o.PublicURL.Scheme + "://" + o.PublicURL.Host,
		csrf:   http.NewCrossOriginProtection(),
		users:  newLimiter[myna.UserID](rates.User, o.Now),
		peers:  newLimiter[string](rates.Address, o.Now),
	}
	if err := api.csrf.AddTrustedOrigin(api.origin); err != nil {
		return nil, fmt.Errorf("public URL %s: %w", o.PublicURL.Redacted(), err)
	}
	api.headers = securityHeaders(o.PublicURL)
	return api, api.mount()
}

// mount puts everything on the mux, and describes it.
func (a *API) mount() error {
	routes := a.routes()
	for i := range routes {
		t := &routes[i]
		if err := t.check(); err != nil {
			return err
		}
		if a.offers(t) {
			a.mux.Handle(t.method+" "+a.base+prefix+t.path, a.through(t))
		}
	}
	spec, page, err := describe(routes, a.base)
	if err != nil {
		return err
	}
	a.spec, a.page = spec, page
	a.mux.HandleFunc(a.base+"/api/", a.noRoute)
	if a.options.Web != nil {
		a.mux.Handle(a.base+"/", http.StripPrefix(a.base, a.options.Web))
	}
	if a.base != "" {
		a.mux.Handle("GET /{$}", http.RedirectHandler(a.base+"/", http.StatusFound))
	}
	return nil
}

// offers says whether a route exists on this server.
func (a *API) offers(t *route) bool {
	switch t.access {
	case upgrade:
		return a.options.Live != nil
	case loopback:
		return a.options.Load
	default:
		return true
	}
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	set := w.Header()
	for _, h := range a.headers {
		set[h.name] = h.value
	}
	a.mux.ServeHTTP(w, r)
}

// through is the way of a request to the route's handler.
func (a *API) through(t *route) http.Handler {
	if t.raw != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer (&call{api: a, route: t, w: w, r: r}).recovered()
			t.raw.ServeHTTP(w, r)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{api: a, route: t, w: w, r: r}
		defer c.recovered()
		if a.log.Enabled(r.Context(), slog.LevelDebug) {
			defer c.logged(time.Now())
		}
		if err := a.admit(c); err != nil {
			c.fail(err)
			return
		}
		if err := t.serve(c); err != nil {
			c.fail(err)
		}
	})
}

// admit lets the request through to the handler, or says why not.
func (a *API) admit(c *call) error {
	if err := a.csrf.Check(c.r); err != nil {
		return myna.Errorf(myna.Denied, myna.CodeWrongOrigin, "this request comes from another website; use %s", a.origin)
	}
	c.address = a.door.Address(c.r)
	switch c.route.access {
	case public:
		return a.peers.take(bucket(c.address))
	case loopback:
		return onlyLoopback(c.r)
	}
	var err error
	if c.principal, c.session, err = a.Enter(c.r); err != nil {
		return err
	}
	if c.route.access == session && !myna.Can(c.principal, c.route.verb, nil) {
		return myna.Errorf(myna.Denied, myna.CodeDenied, "you may not do that on this server")
	}
	return nil
}

// Enter proves the session of a request and counts the request: as its person's, or, if the session is not
// believed, as its address's, which slows down guessing. The WebSocket is entered here as well: to connect
// costs more than most requests.
func (a *API) Enter(r *http.Request) (myna.Principal, myna.Session, error) {
	p, s, err := a.door.Authenticate(r)
	if err != nil {
		if limited := a.peers.take(bucket(a.door.Address(r))); limited != nil {
			err = limited
		}
		return p, s, err
	}
	p.Load = p.Load && a.options.Load // what a load test left behind has no privileges on a server without any
	if !p.Load {
		err = a.users.take(p.User)
	}
	return p, s, err
}

// noRoute answers below /api/ where the table has nothing: 405 if the path exists for another method.
func (a *API) noRoute(w http.ResponseWriter, r *http.Request) {
	c := &call{api: a, route: &route{path: "none"}, w: w, r: r}
	var allowed []string
	probe := *r
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe.Method = method
		if _, pattern := a.mux.Handler(&probe); strings.HasPrefix(pattern, method+" ") {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		c.fail(myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is nothing at this address; GET %s lists what there is", a.base+prefix+"/openapi.json"))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	c.fail(myna.Errorf(myna.Invalid, myna.CodeBadMethod, "use %s at this address", strings.Join(allowed, " or ")))
}

// Origin is the public origin, scheme and host, that browsers reach the server at.
func (a *API) Origin() string { return a.origin }
