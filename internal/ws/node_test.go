package ws

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
	"github.com/myna-chat/myna/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// origin is the public address of the test's node.
const origin = "https://chat.example.org"

// node is the real thing on SQLite, as package server builds it, on a loopback port.
type node struct {
	t       testing.TB
	url     string
	hub     *live.Hub
	chat    *chat.Chat
	auth    *auth.Auth
	handler *Handler
	polite  bool // accounts are limited like anybody's, not like the load generator's
}

// person is an account with a session.
type person struct {
	id      myna.UserID
	session myna.SessionID
	token   string
}

func (p person) principal() myna.Principal {
	return myna.Principal{User: p.id, Session: p.session, Role: myna.RoleMember, Load: true}
}

func start(t testing.TB, options ...func(*httptest.Server)) *node {
	t.Helper()
	db, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "myna.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), migrations.FS); err != nil {
		t.Fatal(err)
	}
	n := &node{t: t}
	st := store.New(db)
	j := journal.New(st, journal.Options{OnCommit: func(c []myna.Change) { n.hub.Commit(c) }})
	n.chat = chat.New(st, j, chat.Options{})
	n.hub = live.New(live.Options{History: n.chat.ChangesOf, Follow: n.follow, Log: slog.New(slog.DiscardHandler)})
	n.auth = auth.New(st, j, auth.Options{OnEnd: n.hub.End, Log: slog.New(slog.DiscardHandler)})
	n.handler = New(n.hub, n.chat, n.authenticate, Options{Origin: origin, Version: "test", Log: slog.New(slog.DiscardHandler)})

	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { n.hub.Run(ctx) })
	running.Go(func() { j.Run(ctx) })
	server := httptest.NewUnstartedServer(n.handler)
	for _, o := range options {
		o(server)
	}
	if server.TLS == nil {
		server.Start()
	} else {
		server.StartTLS()
	}
	n.url = server.URL
	t.Cleanup(func() {
		server.Listener.Close()
		n.handler.Close(ctx)
		server.Close()
		cancel()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *node) follow(ctx context.Context, p myna.Principal) ([]live.Followed, error) {
	stored, err := n.chat.Follow(ctx, p)
	list := make([]live.Followed, len(stored))
	for i, f := range stored {
		list[i] = live.Followed(f)
	}
	return list, err
}

func (n *node) authenticate(r *http.Request) (myna.Principal, myna.Session, error) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if c, err := r.Cookie("myna"); err == nil && token == "" {
		token = c.Value
	}
	p, s, err := n.auth.Authenticate(r.Context(), token)
	p.Load = p.Load && !n.polite
	return p, s, err
}

// people makes accounts.
func (n *node) people(count int) []person {
	n.t.Helper()
	grants, err := n.auth.LoadAccounts(n.t.Context(), count)
	if err != nil {
		n.t.Fatal(err)
	}
	list := make([]person, count)
	for i, g := range grants {
		list[i] = person{id: g.User.ID, session: g.Session.ID, token: g.Token}
	}
	return list
}

// room makes a room of these people.
func (n *node) room(people ...person) myna.RoomID {
	n.t.Helper()
	members := make([]myna.UserID, len(people))
	for i, p := range people {
		members[i] = p.id
	}
	ids, err := n.chat.LoadRooms(n.t.Context(), [][]myna.UserID{members})
	if err != nil {
		n.t.Fatal(err)
	}
	return ids[0]
}

// say posts over the other entrance.
func (n *node) say(p person, room myna.RoomID, text string) chat.Posted {
	n.t.Helper()
	posted, err := n.chat.Post(n.t.Context(), p.principal(), chat.PostInput{Room: room, Nonce: nonce(), Text: text})
	if err != nil {
		n.t.Fatal(err)
	}
	return posted
}

func nonce() (n myna.Nonce) {
	id := myna.NewID(time.Now())
	for i := range 8 {
		n[8+i] = byte(id >> (8 * i))
	}
	n[7] = byte(id>>3) ^ byte(time.Now().Nanosecond())
	return n
}

// dial connects as p, without an Origin, as clients that are no browsers do.
func (n *node) dial(p person) (*line, error) {
	return n.dialWith(http.Header{"Authorization": {"Bearer " + p.token}})
}

func (n *node) dialWith(h http.Header) (*line, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, answer, err := websocket.Dial(ctx, n.url, &websocket.DialOptions{HTTPHeader: h, HTTPClient: insecure()})
	if err != nil {
		if answer != nil {
			return &line{status: answer.StatusCode}, err
		}
		return nil, err
	}
	c.SetReadLimit(4 << 20)
	l := &line{t: n.t, ws: c}
	n.t.Cleanup(func() { _ = c.CloseNow() })
	return l, nil
}

// connect dials and reads the ready frame.
func (n *node) connect(p person) *line {
	n.t.Helper()
	l, err := n.dial(p)
	if err != nil {
		n.t.Fatal(err)
	}
	l.ready = l.want(wire.FrameReady)
	return l
}

// patience is how long a test waits for something that must come.
const patience = 10 * time.Second

// line is a client of the test.
type line struct {
	t      testing.TB
	ws     *websocket.Conn
	status int
	ready  frame
}

// frame is any frame of the server.
type frame struct {
	Type     string               `json:"type"`
	Scope    myna.Scope           `json:"scope"`
	Rev      int64                `json:"rev"`
	Kind     string               `json:"kind"`
	Row      json.RawMessage      `json:"row"`
	Rows     []wire.Change        `json:"rows"`
	Heads    map[myna.Scope]int64 `json:"heads"`
	Head     int64                `json:"head"`
	More     bool                 `json:"more"`
	Reset    bool                 `json:"reset"`
	Room     myna.RoomID          `json:"room"`
	User     myna.UserID          `json:"user"`
	Session  myna.SessionID       `json:"session"`
	Version  string               `json:"version"`
	Nonce    myna.Nonce           `json:"nonce"`
	Ref      int64                `json:"ref"`
	Seq      int64                `json:"seq"`
	Presence []wire.Presence      `json:"presence"`
	Error    wire.ErrorBody       `json:"error"`
}

func (l *line) send(v any) {
	l.t.Helper()
	b, ok := v.(string)
	if !ok {
		encoded, err := wire.Append(nil, v)
		if err != nil {
			l.t.Fatal(err)
		}
		b = string(encoded)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.ws.Write(ctx, websocket.MessageText, []byte(b)); err != nil {
		l.t.Fatalf("send: %v", err)
	}
}

// next reads one frame.
func (l *line) next() (frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, b, err := l.ws.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		l.t.Fatalf("%s: %v", b, err)
	}
	return f, nil
}

// want reads until a frame of a type comes.
func (l *line) want(kind string) frame {
	l.t.Helper()
	for {
		f, err := l.next()
		if err != nil {
			l.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if f.Type == kind {
			return f
		}
	}
}

// closed reads until the server closes, and gives the code; -1 if it just broke.
func (l *line) closed() int {
	for {
		if _, err := l.next(); err != nil {
			return int(websocket.CloseStatus(err))
		}
	}
}

func (l *line) post(room myna.RoomID, text string) myna.Nonce {
	l.t.Helper()
	id := nonce()
	l.send(wire.Post{Type: wire.FramePost, Nonce: id, Room: room, Text: text})
	return id
}

func decode(t testing.TB, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}
