// Package server builds everything a node consists of from a configuration, runs it, and stops it in
// order. It is the only place that knows everybody: the journal is joined to the hub here, the hub to
// its history, and ended sessions to their sockets.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/config"
	"github.com/myna-chat/myna/internal/httpapi"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/internal/obs"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
	"github.com/myna-chat/myna/internal/webui"
	"github.com/myna-chat/myna/internal/ws"
)

// Limits of the listeners.
const (
	headerTimeout  = 10 * time.Second // a client that sends its header byte by byte is cut off
	readTimeout    = 30 * time.Second // a body has at most 256 KiB; a WebSocket is out of this after its upgrade
	writeTimeout   = 60 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
	drainTimeout   = 10 * time.Second // for clients to be told and sent away
)

// Options of New.
type Options struct {
	Version string
	Out     io.Writer    // where people read: the address, the setup link
	Log     *slog.Logger // slog.Default() if nil
}

// Server is one node. New opens it, Run serves until its context ends, and everything is closed then.
type Server struct {
	config   *config.Config
	options  Options
	log      *slog.Logger
	url      *url.URL
	db       *sqldb.DB
	store    *store.Store
	hub      *live.Hub
	journal  *journal.Journal
	auth     *auth.Auth
	sockets  *ws.Handler
	public   *http.Server
	private  *http.Server // nil for none
	listener net.Listener
	second   net.Listener // nil for none
}

// New opens the database, brings its schema up to date, listens, and builds the node.
func New(ctx context.Context, c *config.Config, o Options) (_ *Server, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Server{config: c, options: o, log: o.Log}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	if err := s.listen(ctx); err != nil {
		return nil, err
	}
	return s, s.build()
}

// URL is where people open the server.
func (s *Server) URL() string { return s.url.String() }

func (s *Server) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.config.Data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if s.db, err = sqldb.Open(ctx, string(s.config.DB)); err != nil {
		return err
	}
	if err := s.db.Migrate(ctx, migrations.FS); err != nil {
		return err
	}
	findings, err := s.db.Check(ctx)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Weak {
			s.log.Warn("the database is not set to keep what it acknowledges", "setting", f.Setting, "value", f.Value, "want", f.Want, "means", f.Means)
		}
	}
	return nil
}

func (s *Server) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if s.listener, err = lc.Listen(ctx, "tcp", s.config.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w", s.config.Listen, err)
	}
	if s.config.MetricsListen != "" {
		s.second, err = lc.Listen(ctx, "tcp", s.config.MetricsListen)
		switch {
		case err != nil && s.config.MetricsListen != config.DefaultMetricsListen:
			return fmt.Errorf("listen on %s for metrics: %w", s.config.MetricsListen, err)
		case err != nil: // nobody asked for this port: chat without metrics is better than none
			s.log.Warn("no metrics: their usual port is taken; choose another with --metrics-listen", "error", err)
			s.second = nil
		}
	}
	at := *s.config.URL
	if _, port, _ := net.SplitHostPort(s.config.Listen); port == "0" && !s.config.URLGiven {
		_, given, _ := net.SplitHostPort(s.listener.Addr().String())
		at.Host = net.JoinHostPort(at.Hostname(), given)
	}
	s.url = &at
	return nil
}

func (s *Server) build() error {
	s.store = store.New(s.db)
	s.journal = journal.New(s.store, journal.Options{OnCommit: func(changes []myna.Change) { s.hub.Commit(changes) }})
	talk := chat.New(s.store, s.journal, chat.Options{})
	s.hub = live.New(live.Options{History: talk.ChangesOf, Follow: s.follow, Log: s.log})
	s.auth = auth.New(s.store, s.journal, auth.Options{Log: s.log, OnEnd: s.hub.End, OnBlind: s.hub.Blind})
	door := httpapi.NewDoor(s.auth, s.url, s.config.TrustedProxies)
	var api *httpapi.API
	enter := func(r *http.Request) (myna.Principal, myna.Session, error) { return api.Enter(r) }
	s.sockets = ws.New(s.hub, talk, enter, ws.Options{
		Origin: s.url.Scheme + "://" + s.url.Host, Version: s.options.Version, Log: s.log,
	})
	site, err := webui.New(strings.TrimSuffix(s.url.Path, "/") + "/")
	if err != nil {
		return err
	}
	api, err = httpapi.New(talk, s.auth, door, httpapi.Options{
		PublicURL: s.url, Version: s.options.Version, Live: s.sockets, Web: site,
		Load: s.config.AllowLoadTest, Log: s.log,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", obs.Live())
	mux.Handle("GET /readyz", obs.Ready(s.log, s.ready))
	mux.Handle("/", api)
	s.public = s.httpServer(mux)
	if len(s.config.TLSDomains) > 0 {
		s.public.TLSConfig = s.tls()
	}
	if s.second != nil {
		at, tcp := s.second.Addr().(*net.TCPAddr)
		s.private = s.httpServer(obs.Private(s.metrics(), tcp && !at.IP.IsLoopback()))
		s.private.WriteTimeout = 0 // a profile takes as long as it was asked for
	}
	return nil
}

// httpServer speaks HTTP/1.1 only: a WebSocket takes its connection over, and what is in front of a big
// server speaks HTTP/2 with browsers itself.
func (s *Server) httpServer(h http.Handler) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Server{
		Protocols: &protocols,
		Handler:   h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// tls gets certificates from Let's Encrypt over the HTTPS port itself (TLS-ALPN), so that nothing has to
// listen on port 80.
func (s *Server) tls() *tls.Config {
	manager := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(s.config.TLSDomains...),
		Cache: autocert.DirCache(s.config.TLSCache),
	}
	c := manager.TLSConfig()
	c.MinVersion = tls.VersionTLS12
	return c
}

func (s *Server) follow(ctx context.Context, p myna.Principal) ([]live.Followed, error) {
	stored, err := s.store.Follow(ctx, p.User)
	list := make([]live.Followed, len(stored))
	for i, f := range stored {
		list[i] = live.Followed(f)
	}
	return list, err
}

// ready says whether the database answers.
func (s *Server) ready(ctx context.Context) error { return s.db.Ping(ctx) }

// greet tells people where the server is and, until it has an owner, how to become that.
func (s *Server) greet(ctx context.Context) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(s.options.Out, format+"\n", args...) }
	say("Myna %s is ready at %s", s.options.Version, s.url)
	if s.config.AllowLoadTest {
		say("WARNING: --allow-load-test is on: anybody on this machine can make accounts without limits.")
		s.log.Warn("load tests are allowed on this server", "flag", "--allow-load-test")
	}
	empty, err := s.auth.NeedsSetup(ctx)
	if err != nil || !empty {
		return err
	}
	token, err := s.auth.SetupLink(ctx)
	if err != nil {
		return err
	}
	say("\nOpen this link within an hour to become its owner. It works once:\n\n  %s/setup#%s\n", strings.TrimSuffix(s.URL(), "/"), token)
	return nil
}

func (s *Server) close() {
	for _, l := range []net.Listener{s.listener, s.second} {
		if l != nil {
			_ = l.Close() // closed already when it served
		}
	}
	if s.db != nil {
		if err := s.db.Close(); err != nil {
			s.log.Error("the database did not close cleanly", "error", err)
		}
	}
}

// serving is whether an error of http.Server.Serve is more than its orderly end.
func serving(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
