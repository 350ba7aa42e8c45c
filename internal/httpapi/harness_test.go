package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
	"github.com/myna-chat/myna/wire"
)

// house is a whole server on a SQLite file of its own, without a network.
type house struct {
	t    testing.TB
	auth *auth.Auth
	api  *API
	log  *lockedBuffer
}

func newHouse(t testing.TB, public string, change func(*Options)) *house {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	db, err := sqldb.Open(ctx, "sqlite:"+t.TempDir()+"/myna.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx, migrations.FS); err != nil {
		t.Fatal(err)
	}
	st := store.New(db)
	j := journal.New(st, journal.Options{})
	h := &house{t: t, log: &lockedBuffer{}}
	h.auth = auth.New(st, j, auth.Options{Params: auth.Params{Memory: 8, Time: 1, Threads: 1}})
	var running sync.WaitGroup
	running.Go(func() { j.Run(ctx) })
	running.Go(func() { h.auth.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		_ = db.Close()
	})
	at, err := url.Parse(public)
	if err != nil {
		t.Fatal(err)
	}
	options := Options{
		PublicURL: at, Version: "test", Rates: Rates{Address: Rate{1000, 1000}},
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&options)
	}
	h.api, err = New(chat.New(st, j, chat.Options{}), h.auth, NewDoor(h.auth, at, nil), options)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// in is the same house for a subtest.
func (h *house) in(t testing.TB) *house { return &house{t: t, auth: h.auth, api: h.api, log: h.log} }

// lockedBuffer collects the log of all goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// person is somebody with a browser (a cookie jar by hand) or a bearer token.
type person struct {
	*house
	user    wire.User
	token   string
	cookies map[string]string
}

func (h *house) nobody() *person { return &person{house: h, cookies: map[string]string{}} }

// do sends a request with body as JSON (a string is sent as it is) and keeps the cookies of the answer.
func (p *person) do(method, path string, body any, header ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	if !strings.HasPrefix(path, "!") {
		path = p.api.base + prefix + path
	}
	r := httptest.NewRequest(method, strings.TrimPrefix(path, "!"), reader)
	r.RemoteAddr = "127.0.0.1:4711"
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.api.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(p.cookies, cookie.Name)
		} else {
			p.cookies[cookie.Name] = cookie.Value
		}
	}
	return w
}

// ask sends a request, wants a good answer, and reads it.
func ask[T any](p *person, method, path string, body any) T {
	p.t.Helper()
	w := p.do(method, path, body)
	if w.Code/100 != 2 {
		p.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	var out T
	if w.Code == http.StatusNoContent {
		return out
	}
	decoder := json.NewDecoder(w.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&out); err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// refused sends a request and wants it refused.
func (p *person) refused(status int, code, method, path string, body any, header ...string) wire.ErrorBody {
	p.t.Helper()
	w := p.do(method, path, body, header...)
	var out wire.Failure
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		p.t.Fatalf("%s %s: %d %s: %v", method, path, w.Code, w.Body, err)
	}
	if w.Code != status || out.Error.Code != code || out.Error.Message == "" {
		p.t.Errorf("%s %s: %d %+v, want %d %s", method, path, w.Code, out.Error, status, code)
	}
	return out.Error
}

const goodPassword = "plum-anchor-violet-7"

// owner sets the server up.
func (h *house) owner() *person {
	h.t.Helper()
	token, err := h.auth.SetupLink(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	p := h.nobody()
	p.user = ask[wire.SignedIn](p, post, "/setup", wire.Setup{Token: token, ServerName: "Nest", Username: "ann", Password: goodPassword}).User
	return p
}

// friend registers by an invite of p.
func (p *person) friend(username string) *person {
	p.t.Helper()
	invite := ask[wire.Invite](p, post, "/invites", wire.CreateInvite{})
	f := p.nobody()
	f.user = ask[wire.SignedIn](f, post, "/users", wire.Register{Username: username, Password: goodPassword, Invite: invite.Code}).User
	return f
}

// channel makes a room.
func (p *person) channel(kind, name string, members ...myna.UserID) wire.FollowedRoom {
	p.t.Helper()
	return ask[wire.FollowedRoom](p, post, "/rooms", wire.CreateRoom{Nonce: nonce(), Kind: kind, Name: name, Members: members})
}

// say posts a message.
func (p *person) say(room myna.RoomID, text string) wire.Posted {
	p.t.Helper()
	return ask[wire.Posted](p, post, "/rooms/"+room.String()+"/messages", wire.PostMessage{Nonce: nonce(), Text: text})
}
