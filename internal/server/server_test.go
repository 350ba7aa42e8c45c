package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/myna-chat/myna/client"
	"github.com/myna-chat/myna/internal/config"
	"github.com/myna-chat/myna/internal/server"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/wire"
)

const password = "a long enough passphrase"

// output is what the server tells people, readable while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// node is a running server.
type node struct {
	url  string
	out  *output
	stop func()
}

func run(t *testing.T, database string) *node {
	t.Helper()
	c := &config.Config{
		Base:   config.Base{Data: t.TempDir(), DB: config.Secret(database)},
		Listen: "127.0.0.1:0", URL: &url.URL{Scheme: "http", Host: "127.0.0.1"},
	}
	out := &output{}
	s, err := server.New(t.Context(), c, server.Options{Version: "test", Out: out, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	n := &node{url: s.URL(), out: out}
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	t.Cleanup(n.stop)
	return n
}

func (n *node) call(t *testing.T, method, path, token string, in, out any) int {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, n.url+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil && res.StatusCode < 300 {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	if res.StatusCode >= 300 {
		t.Logf("%s %s: %d %s", method, path, res.StatusCode, answer)
	}
	return res.StatusCode
}

// owner sets the server up by the link it printed, and gives the owner's token.
func (n *node) owner(t *testing.T) string {
	t.Helper()
	link := regexp.MustCompile(`/setup#(\S+)`)
	var found []string
	for deadline := time.Now().Add(10 * time.Second); found == nil && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		found = link.FindStringSubmatch(n.out.String())
	}
	if found == nil {
		t.Fatalf("no setup link in %q", n.out)
	}
	setup := wire.Setup{Token: found[1], Username: "ann", Password: password}
	if status := n.call(t, http.MethodPost, "/setup", "", setup, nil); status >= 300 {
		t.Fatalf("setup: %d", status)
	}
	return n.login(t, "ann")
}

func (n *node) login(t *testing.T, name string) string {
	t.Helper()
	token, err := client.Login(t.Context(), n.url, name, password)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func next[E client.Event](t *testing.T, c *client.Conn, want func(E) bool) E {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		ev, err := c.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := ev.(E); ok && want(e) {
			return e
		}
	}
}

func TestTwoPeopleTalkAndASessionEnds(t *testing.T) {
	sqldbtestEach(t, func(t *testing.T, database string) {
		n := run(t, database)
		ann := n.owner(t)
		if status := n.call(t, http.MethodPatch, "/settings", ann, wire.UpdateSettings{Registration: new("open")}, nil); status != http.StatusOK {
			t.Fatalf("settings: %d", status)
		}
		if status := n.call(t, http.MethodPost, "/users", "", wire.Register{Username: "bob", Password: password}, nil); status >= 300 {
			t.Fatalf("register: %d", status)
		}
		bob := n.login(t, "bob")
		a, b := dial(t, n, ann), dial(t, n, bob)
		var sync wire.Sync
		n.call(t, http.MethodGet, "/sync", bob, nil, &sync)
		if len(sync.Rooms) != 1 || sync.Rooms[0].Room.Name != "general" {
			t.Fatalf("bob's rooms: %+v", sync.Rooms)
		}
		general := sync.Rooms[0].Room.ID
		ack, err := a.Post(t.Context(), general, "hi @bob")
		if err != nil {
			t.Fatal(err)
		}
		heard := next(t, b, func(c client.Change) bool { _, ok := c.Row.(wire.Message); return ok })
		if m := heard.Row.(wire.Message); m.Seq != ack.Seq || m.Text != "hi @bob" || len(m.Mentions) != 1 {
			t.Errorf("bob heard %+v", m)
		}
		var counts wire.Counts
		n.call(t, http.MethodGet, "/rooms/"+general.String()+"/counts", bob, nil, &counts)
		if counts != (wire.Counts{Unread: 1, Mentions: 1}) {
			t.Errorf("bob's counts: %+v", counts)
		}
		if status := n.call(t, http.MethodDelete, "/sessions/current", bob, nil, nil); status >= 300 {
			t.Errorf("logout: %d", status)
		}
		if _, err := b.Next(t.Context()); err == nil {
			for err == nil {
				_, err = b.Next(t.Context())
			}
		}
		if status := n.call(t, http.MethodGet, "/sync", bob, nil, nil); status != http.StatusUnauthorized {
			t.Errorf("sync after logout: %d", status)
		}
	})
}

func dial(t *testing.T, n *node, token string) *client.Conn {
	t.Helper()
	c, err := client.Dial(t.Context(), n.url, token, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	next(t, c, func(client.Connected) bool { return true })
	return c
}

func sqldbtestEach(t *testing.T, fn func(t *testing.T, database string)) {
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) { fn(t, sqldbtest.URL(t, engine)) })
	}
}

func TestNothingRunsOnAfterTheEnd(t *testing.T) {
	before := goleak.IgnoreCurrent()
	n := run(t, sqldbtest.URL(t, sqldb.SQLite))
	token := n.owner(t)
	c := dial(t, n, token)
	n.stop()
	_ = c.Close()
	goleak.VerifyNone(t, before)
	if !strings.Contains(n.out.String(), "ready at "+n.url) {
		t.Errorf("it said %q", n.out)
	}
}

// TestAnotherProcessIsHeard has a second server write to the same database: the first one's devices hear
// of it by the beacon.
func TestAnotherProcessIsHeard(t *testing.T) {
	sqldbtestEach(t, func(t *testing.T, database string) {
		one := run(t, database)
		token := one.owner(t)
		two := run(t, database)
		a, b := dial(t, one, token), dial(t, two, token)
		var sync wire.Sync
		one.call(t, http.MethodGet, "/sync", token, nil, &sync)
		for _, text := range []string{"first", "second"} {
			if _, err := b.Post(t.Context(), sync.Rooms[0].Room.ID, text); err != nil {
				t.Fatal(err)
			}
			next(t, a, func(c client.Change) bool {
				m, ok := c.Row.(wire.Message)
				return ok && m.Text == text
			})
		}
	})
}
