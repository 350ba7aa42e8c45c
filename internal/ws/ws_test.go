package ws

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func insecure() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // a test server's own certificate
		DisableKeepAlives: true,
	}}
}

func TestTalk(t *testing.T) {
	t.Run("plain", func(t *testing.T) { talk(t, start(t)) })
	t.Run("TLS", func(t *testing.T) { talk(t, start(t, encrypted)) })
}

func talk(t *testing.T, n *node) {
	people := n.people(3)
	room := n.room(people[0], people[1])
	ann, bob, eve := n.connect(people[0]), n.connect(people[1]), n.connect(people[2])
	if ann.ready.User != people[0].id || ann.ready.Session != people[0].session || ann.ready.Version != "test" {
		t.Errorf("ready says %+v", ann.ready)
	}
	if _, listed := eve.ready.Heads[room.Scope()]; listed || ann.ready.Heads[room.Scope()] == 0 {
		t.Error("ready lists the wrong rooms")
	}

	id := ann.post(room, "hello <bob> & \"all\" 八哥")
	ack := ann.want(wire.FrameAck)
	if ack.Nonce != id || ack.Room != room || ack.Seq != 1 {
		t.Errorf("ack %+v", ack)
	}
	got := bob.want(wire.FrameChange)
	var m wire.Message
	decode(t, got.Row, &m)
	if got.Rev != ack.Rev || got.Rev != bob.ready.Heads[room.Scope()]+1 || m.Nonce != id || m.Text != "hello <bob> & \"all\" 八哥" || m.Author != people[0].id {
		t.Errorf("bob got %+v %+v", got, m)
	}

	eve.post(room, "let me in")
	if e := eve.want(wire.FrameError); e.Error.Code != myna.CodeNotFound {
		t.Errorf("eve got %+v", e)
	}
	bob.send(wire.Read{Type: wire.FrameRead, Room: room, Seq: 1})
	if c := bob.want(wire.FrameChange); c.Kind != string(myna.KindMembership) || c.Scope != people[1].id.Scope() {
		t.Errorf("bob's own mark came as %+v", c)
	}
	bob.send(wire.Watch{Type: wire.FrameWatch, Users: []myna.UserID{people[0].id}})
	if s := bob.want(wire.FrameSignal); len(s.Presence) != 1 || s.Presence[0].State != wire.Online {
		t.Errorf("presence %+v", s)
	}
	bob.send(wire.Focus{Type: wire.FrameFocus, Room: room, Active: true})
	bob.send(wire.Ping{Type: wire.FramePing})
	bob.want(wire.FramePong)
	ann.send(wire.Typing{Type: wire.FrameTyping, Room: room})
	if s := bob.want(wire.FrameSignal); s.User != people[0].id || s.Room != room {
		t.Errorf("typing %+v", s)
	}
}

func TestPostsArePipelinedInOrder(t *testing.T) {
	n := start(t)
	people := n.people(2)
	room := n.room(people...)
	ann, bob := n.connect(people[0]), n.connect(people[1])
	const count = 500
	var sent []myna.Nonce
	go func() {
		for i := range count {
			id := myna.Nonce{1, 14: byte(i >> 8), 15: byte(i)}
			sent = append(sent, id)
			ann.send(wire.Post{Type: wire.FramePost, Nonce: id, Room: room, Text: "x"})
		}
	}()
	for i := range count {
		var m wire.Message
		f := bob.want(wire.FrameChange)
		decode(t, f.Row, &m)
		if want := (myna.Nonce{1, 14: byte(i >> 8), 15: byte(i)}); m.Nonce != want || m.Seq != int64(i+1) {
			t.Fatalf("message %d is %+v", i, m)
		}
	}
	for i := range count {
		if ack := ann.want(wire.FrameAck); ack.Seq != int64(i+1) || ack.Nonce != sent[i] {
			t.Fatalf("ack %d is %+v", i, ack)
		}
	}
}

func TestFetch(t *testing.T) {
	n := start(t)
	people := n.people(4)
	room := n.room(people[:3]...)
	before := n.connect(people[0]).ready.Heads[room.Scope()]
	for i := range 10 {
		n.say(people[0], room, fmt.Sprint("missed ", i))
	}
	for i, p := range people[:3] { // the second and third are answered from what the first was given
		l := n.connect(p)
		l.send(wire.Fetch{Type: wire.FrameFetch, Ref: int64(40 + i), Scope: room.Scope(), After: before})
		f := l.want(wire.FrameChanges)
		if f.Ref != int64(40+i) || f.Scope != room.Scope() || len(f.Rows) != 10 || f.Head != before+10 || f.More || f.Reset {
			t.Fatalf("%d: got %+v", i, f)
		}
		for k, row := range f.Rows {
			if row.Type != wire.FrameChange || row.Rev != before+int64(k)+1 || row.Kind != myna.KindMessage {
				t.Errorf("row %d is %+v", k, row)
			}
		}
		n.say(people[0], room, "one more") // what was kept is old now
		before++
		if i == 2 {
			l.send(wire.Fetch{Type: wire.FrameFetch, Ref: 50, Scope: room.Scope(), After: before - 2})
			if f := l.want(wire.FrameChanges); len(f.Rows) != 12 {
				t.Errorf("got %d rows up to %d", len(f.Rows), f.Head)
			}
		}
	}
	outside := n.connect(people[3])
	for _, scope := range []myna.Scope{room.Scope(), people[0].id.Scope(), myna.RoomID(5).Scope()} {
		outside.send(wire.Fetch{Type: wire.FrameFetch, Ref: 7, Scope: scope, After: 0})
		if e := outside.want(wire.FrameError); e.Error.Code != myna.CodeNotFound || e.Ref != 7 {
			t.Errorf("%s: got %+v", scope, e)
		}
	}
	own := people[3].id.Scope()
	outside.send(wire.Fetch{Type: wire.FrameFetch, Ref: 8, Scope: own, After: outside.ready.Heads[own]})
	if f := outside.want(wire.FrameChanges); f.Ref != 8 || len(f.Rows) != 0 || f.Rows == nil {
		t.Errorf("got %+v", f)
	}
}

// TestRemovedGetsNothing removes somebody in the middle of a conversation, over and over, while they
// come back and fetch.
func TestRemovedGetsNothing(t *testing.T) {
	n := start(t)
	people := n.people(3)
	ann, bob := people[0], people[1]
	room := n.room(people...)
	stop, talked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(talked)
		for {
			select {
			case <-stop:
				return
			default:
				n.say(ann, room, "secret")
			}
		}
	}()
	var gone []frame
	for range 10 {
		l := n.connect(bob)
		l.send(wire.Fetch{Type: wire.FrameFetch, Scope: room.Scope(), After: max(l.ready.Heads[room.Scope()]-5, 0)})
		go func() { _ = n.chat.Leave(context.Background(), bob.principal(), room) }()
		removed := int64(0)
		l.send(wire.Fetch{Type: wire.FrameFetch, Scope: room.Scope(), After: l.ready.Heads[room.Scope()]})
		for removed == 0 {
			f, err := l.next()
			if err != nil {
				t.Fatal(err)
			}
			if f.Type == wire.FrameChange && f.Kind == string(myna.KindMember) {
				var m wire.Member
				decode(t, f.Row, &m)
				if m.User == bob.id && m.Left {
					removed = f.Rev
				}
			}
		}
		time.Sleep(5 * time.Millisecond)
		l.send(wire.Fetch{Type: wire.FrameFetch, Ref: 1, Scope: room.Scope(), After: removed})
		l.send(wire.Ping{Type: wire.FramePing})
		for f, err := l.next(); f.Type != wire.FramePong; f, err = l.next() {
			if err != nil {
				t.Fatal(err)
			}
			if f.Scope == room.Scope() && (f.Rev > removed || f.Head > removed) {
				gone = append(gone, f)
			}
		}
		if err := n.chat.AddMembers(t.Context(), ann.principal(), room, []myna.UserID{bob.id}); err != nil {
			t.Fatal(err)
		}
		_ = l.ws.CloseNow()
	}
	close(stop)
	<-talked
	if len(gone) > 0 {
		t.Errorf("after the removal bob got %d frames, such as %+v", len(gone), gone[0])
	}
}

func TestOrigin(t *testing.T) {
	n := start(t)
	p := n.people(1)[0]
	cookie, bearer := "myna="+p.token, "Bearer "+p.token
	tests := []struct {
		name, cookie, bearer string
		origins              []string
		status               int
	}{
		{"cookie, our origin", cookie, "", []string{origin}, 0},
		{"cookie, none", cookie, "", nil, 403},
		{"cookie, empty", cookie, "", []string{""}, 403},
		{"cookie, null", cookie, "", []string{"null"}, 403},
		{"cookie, other scheme", cookie, "", []string{"http://chat.example.org"}, 403},
		{"cookie, other port", cookie, "", []string{origin + ":8443"}, 403},
		{"cookie, longer host", cookie, "", []string{origin + ".evil.org"}, 403},
		{"cookie, sub host", cookie, "", []string{"https://evil.chat.example.org"}, 403},
		{"cookie, with path", cookie, "", []string{origin + "/"}, 403},
		{"cookie, two origins", cookie, "", []string{origin, "https://evil.org"}, 403},
		{"bearer, none", "", bearer, nil, 0},
		{"bearer, our origin", "", bearer, []string{origin}, 0},
		{"bearer, foreign", "", bearer, []string{"https://evil.org"}, 403},
		{"nobody, our origin", "", "", []string{origin}, 401},
		{"wrong token", "", "Bearer myna_s_wrong", nil, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{"Origin": tt.origins}
			if tt.cookie != "" {
				h.Set("Cookie", tt.cookie)
			}
			if tt.bearer != "" {
				h.Set("Authorization", tt.bearer)
			}
			l, err := n.dialWith(h)
			if (err == nil) != (tt.status == 0) || l.status != tt.status {
				t.Errorf("status %d (%v), want %d", l.status, err, tt.status)
			}
		})
	}
}

func TestCanonicalOrigin(t *testing.T) {
	for given, want := range map[string]string{
		"https://Chat.Example.org:443": "https://chat.example.org", "http://localhost:80": "http://localhost",
		"http://localhost:8080": "http://localhost:8080", "https://x:80": "https://x:80", "http://x:8443": "http://x:8443",
	} {
		if got := canonical(given); got != want {
			t.Errorf("%s became %s, want %s", given, got, want)
		}
	}
}

func TestNotAWebSocket(t *testing.T) {
	n := start(t)
	p := n.people(1)[0]
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	answer, err := insecure().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// TestRefusalSaysWhen: whoever is refused learns with the status HTTP has for it when to come back.
func TestRefusalSaysWhen(t *testing.T) {
	tests := []struct {
		err    error
		status int
		after  string
	}{
		{myna.Errorf(myna.Limited, myna.CodeOverloaded, "too busy").After(1500 * time.Millisecond), http.StatusServiceUnavailable, "2"},
		{myna.Errorf(myna.Limited, myna.CodeTooMany, "too many").After(time.Second), http.StatusTooManyRequests, "1"},
		{myna.Errorf(myna.Unauthorized, myna.CodeSessionEnded, "over"), http.StatusUnauthorized, ""},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		refuse(w, tt.err)
		var body wire.Failure
		decode(t, w.Body.Bytes(), &body)
		if w.Code != tt.status || w.Header().Get("Retry-After") != tt.after || body.Error != wire.ErrorOf(tt.err) {
			t.Errorf("%v: status %d, Retry-After %q, %+v", tt.err, w.Code, w.Header().Get("Retry-After"), body)
		}
	}
}

func TestBadFrames(t *testing.T) {
	n := start(t)
	people := n.people(2)
	room := n.room(people[0])
	const id = "01J0000000000000000000000A"
	tests := []struct {
		name, frame, code string
		field, nonce      string
		ref               int64
	}{
		{"not JSON", `{"type":"post"`, myna.CodeBadJSON, "", "", 0},
		{"not an object", `[1]`, myna.CodeBadFrame, "", "", 0},
		{"no type", `{}`, myna.CodeUnknownFrame, "type", "", 0},
		{"unknown type", `{"type":"shout"}`, myna.CodeUnknownFrame, "type", "", 0},
		{"type not first", `{"ref":4,"type":"shout"}`, myna.CodeUnknownFrame, "type", "", 4},
		{"a sender", `{"type":"post","author":"u_0","nonce":"` + id + `"}`, myna.CodeUnknownField, "author", id, 0},
		{"doubled field", `{"type":"fetch","ref":3,"ref":4}`, myna.CodeBadJSON, "", "", 4},
		{"doubled type", `{"type":"ping","type":"post"}`, myna.CodeBadJSON, "", "", 0},
		{"wrong value", `{"type":"fetch","ref":5,"after":"x"}`, myna.CodeBadFrame, "after", "", 5},
		{"bad nonce", `{"type":"post","nonce":"short"}`, myna.CodeBadNonce, "nonce", "", 0},
		{"no nonce", `{"type":"post","room":"` + room.String() + `","text":"x"}`, myna.CodeBadNonce, "nonce", "", 0},
		{"bad room", `{"type":"typing","room":"u_x"}`, myna.CodeBadID, "", "", 0},
		{"bad scope", `{"type":"fetch","ref":9,"scope":"x"}`, myna.CodeBadScope, "", "", 9},
		{"not a member", `{"type":"typing","room":"` + myna.RoomID(5).String() + `"}`, myna.CodeNotFound, "room", "", 0},
		{"empty text", `{"type":"post","nonce":"` + id + `","room":"` + room.String() + `","text":" "}`, myna.CodeEmpty, "text", id, 0},
		{"negative cursor", `{"type":"fetch","ref":1,"scope":"` + room.String() + `","after":-1}`, myna.CodeBadCursor, "after", "", 1},
		{"watching too many", `{"type":"watch","users":[` + strings.TrimSuffix(strings.Repeat(`"`+people[1].id.String()+`",`, 201), ",") + `]}`, myna.CodeTooLarge, "users", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := n.connect(people[0])
			l.send(tt.frame)
			e := l.want(wire.FrameError)
			shown := ""
			if e.Nonce != (myna.Nonce{}) {
				shown = e.Nonce.String()
			}
			if e.Error.Code != tt.code || e.Error.Field != tt.field || shown != tt.nonce || e.Ref != tt.ref || e.Error.Message == "" {
				t.Errorf("got %+v nonce %s ref %d", e.Error, shown, e.Ref)
			}
			l.send(wire.Ping{Type: wire.FramePing})
			l.want(wire.FramePong)
		})
	}
}

func TestTooManyBadFrames(t *testing.T) {
	n := start(t)
	l := n.connect(n.people(1)[0])
	for range maxBad {
		l.send(`{"type":"nonsense"}`)
	}
	if code := l.closed(); code != wire.CloseBadFrame {
		t.Errorf("closed with %d", code)
	}
}

func TestEndedSession(t *testing.T) {
	n := start(t)
	people := n.people(2)
	room := n.room(people...)
	ann, bob := n.connect(people[0]), n.connect(people[1])
	begun := time.Now()
	n.hub.End([]myna.SessionID{people[0].session}, wire.CloseSessionEnded)
	n.say(people[1], room, "she is gone")
	for {
		f, err := ann.next()
		if err != nil {
			if code := int(websocket.CloseStatus(err)); code != wire.CloseSessionEnded || time.Since(begun) > time.Second {
				t.Errorf("closed with %d after %v", code, time.Since(begun))
			}
			break
		}
		t.Errorf("after the end came %+v", f)
	}
	bob.want(wire.FrameChange)
}

func TestDrain(t *testing.T) {
	n := start(t)
	l := n.connect(n.people(1)[0])
	go n.hub.Drain(context.Background())
	l.want("drain")
	if code := l.closed(); code != wire.CloseGoingAway {
		t.Errorf("closed with %d", code)
	}
}

func TestGoodbyeIsAnswered(t *testing.T) {
	n := start(t)
	l := n.connect(n.people(1)[0])
	if err := l.ws.Close(4999, "bye"); err != nil {
		t.Errorf("closing handshake: %v", err)
	}
	deadline := time.Now().Add(patience)
	for n.hub.Count() > 0 {
		if time.Now().After(deadline) {
			t.Fatal("the session is still there")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestSlowReader leaves one device unread while a room is busy: the others get everything at once, and
// the slow one a resync when it reads again.
func TestSlowReader(t *testing.T) {
	t.Run("plain", func(t *testing.T) { slowReader(t, start(t)) })
	t.Run("TLS", func(t *testing.T) { slowReader(t, start(t, encrypted)) })
}

func encrypted(s *httptest.Server) { s.TLS = &tls.Config{MinVersion: tls.VersionTLS12} }

func slowReader(t *testing.T, n *node) {
	people := n.people(3)
	room := n.room(people...)
	slow, good := n.connect(people[0]), n.connect(people[1])
	text := strings.Repeat("y", 15<<10)
	const messages = 400 // 6 MB: more than the queue and the socket's buffers on both sides
	var last int64
	for range messages {
		last = n.say(people[2], room, text).Rev
		if f := good.want(wire.FrameChange); f.Rev != last {
			t.Fatalf("the good reader got rev %d, want %d", f.Rev, last)
		}
	}
	if n.hub.Stats().Overflows == 0 {
		t.Fatal("the slow reader's queue never overflowed")
	}
	var revs []int64
	for {
		f, err := slow.next()
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == wire.FrameResync {
			if f.Heads[room.Scope()] != last {
				t.Errorf("resync at %d, want %d", f.Heads[room.Scope()], last)
			}
			break
		}
		revs = append(revs, f.Rev)
	}
	if !slices.IsSorted(revs) || len(revs) >= messages {
		t.Errorf("before the resync came %d changes", len(revs))
	}
	next := n.say(people[2], room, "again").Rev
	if f := slow.want(wire.FrameChange); f.Rev != next {
		t.Errorf("after the resync came rev %d, want %d", f.Rev, next)
	}
}
