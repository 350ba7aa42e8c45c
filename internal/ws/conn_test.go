package ws

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/wire"
)

// rawLine is a client that can do what no library lets one do.
type rawLine struct {
	t  *testing.T
	c  net.Conn
	in *bufio.Reader
}

// dialRaw sends the request and, in the same write, more.
func (n *node) dialRaw(t *testing.T, p person, more ...[]byte) *rawLine {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	request := "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " + p.token + "\r\n\r\n"
	l := &rawLine{t: t, c: c, in: bufio.NewReader(c)}
	l.write(append([]byte(request), join(more)...))
	answer, err := http.ReadResponse(l.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("answered with %v", answer)
	}
	return l
}

func join(parts [][]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func (l *rawLine) write(b []byte) {
	l.t.Helper()
	if _, err := l.c.Write(b); err != nil {
		l.t.Fatal(err)
	}
}

// next reads a frame; a broken line is the zero opcode.
func (l *rawLine) next() (ws.OpCode, string) {
	l.t.Helper()
	_ = l.c.SetReadDeadline(time.Now().Add(patience))
	h, err := ws.ReadHeader(l.in)
	if err != nil {
		return 0, err.Error()
	}
	if h.Masked || h.Length > myna.MaxQueueBytes {
		l.t.Errorf("the server sent a header %+v", h)
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(l.in, payload); err != nil {
		return 0, err.Error()
	}
	return h.OpCode, string(payload)
}

// closeCode reads until the close frame and then until the server has closed the line.
func (l *rawLine) closeCode() int {
	l.t.Helper()
	for {
		op, payload := l.next()
		switch op {
		case 0:
			l.t.Fatalf("no close frame: %s", payload)
		case ws.OpClose:
			if op, _ := l.next(); op != 0 {
				l.t.Error("something came after the close frame")
			}
			code, _ := ws.ParseCloseFrameData([]byte(payload))
			return int(code)
		}
	}
}

func (l *rawLine) wantText(part string) {
	l.t.Helper()
	for {
		op, payload := l.next()
		if op == 0 {
			l.t.Fatalf("waiting for %s: %s", part, payload)
		}
		if op == ws.OpText && strings.Contains(payload, part) {
			return
		}
	}
}

func TestFramesSentBeforeTheAnswer(t *testing.T) {
	n := start(t)
	ping := masked(ws.OpText, true, `{"type":"ping"}`)
	l := n.dialRaw(t, n.people(1)[0], ping, ping[:9])
	l.wantText(`"ready"`)
	l.wantText(`"pong"`)
	l.write(ping[9:])
	l.wantText(`"pong"`)
}

func TestFramesByteByByte(t *testing.T) {
	n := start(t)
	l := n.dialRaw(t, n.people(1)[0])
	for _, b := range append(masked(ws.OpText, true, `{"type":"ping"}`), masked(ws.OpPing, true, "are you there")...) {
		l.write([]byte{b})
	}
	l.wantText(`"pong"`)
	if op, payload := l.next(); op != ws.OpPong || payload != "are you there" {
		t.Errorf("got %v %q", op, payload)
	}
}

func TestCloseCodes(t *testing.T) {
	n := start(t)
	p := n.people(1)[0]
	tests := []struct {
		name string
		sent []byte
		code int
	}{
		{"unmasked", ws.MustCompileFrame(ws.NewTextFrame([]byte("{}"))), int(ws.StatusProtocolError)},
		{"too large", masked(ws.OpText, true, strings.Repeat("x", myna.MaxFrameBytes+1)), wire.CloseTooLarge},
		{"not UTF-8", masked(ws.OpText, true, "\xff"), wire.CloseNotUTF8},
		{"binary", masked(ws.OpBinary, true, "{}"), wire.CloseBadFrame},
		{"goodbye", masked(ws.OpClose, true, "\x03\xe8bye"), 1000},
		{"goodbye with its own code", masked(ws.OpClose, true, string(ws.NewCloseFrameBody(4321, ""))), 4321},
		{"goodbye with a wrong code", masked(ws.OpClose, true, string(ws.NewCloseFrameBody(1005, ""))), int(ws.StatusProtocolError)},
		{"goodbye with half a code", masked(ws.OpClose, true, "\x03"), int(ws.StatusProtocolError)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := n.dialRaw(t, p, tt.sent)
			if code := l.closeCode(); code != tt.code {
				t.Errorf("closed with %d, want %d", code, tt.code)
			}
		})
	}
}

// TestCutLine breaks lines in the middle of a frame; nothing of them stays.
func TestCutLine(t *testing.T) {
	n := start(t)
	p := n.people(1)[0]
	for cut := range 12 {
		l := n.dialRaw(t, p, masked(ws.OpText, true, `{"type":"ping"}`)[:cut])
		l.wantText(`"ready"`)
		_ = l.c.Close()
	}
	n.wantSessions(t, 0)
}

func (n *node) wantSessions(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(patience); n.hub.Count() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions, want %d", n.hub.Count(), want)
		}
	}
}

// TestDeafClient neither reads nor answers: told to go, it is cut off after closeWait, and its socket's
// buffers being full delays nobody.
func TestDeafClient(t *testing.T) {
	n := start(t)
	people := n.people(2)
	room := n.room(people...)
	l := n.dialRaw(t, people[0])
	text := strings.Repeat("z", 15<<10)
	for range 60 {
		n.say(people[1], room, text)
	}
	begun := time.Now()
	n.hub.EndUser(people[0].id, wire.CloseDisabled)
	n.wantSessions(t, 0)
	for deadline := time.Now().Add(patience); n.handler.tasks.count() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the connection is still there")
		}
	}
	if took := time.Since(begun); took > closeWait+5*deadlineTick {
		t.Errorf("it took %v", took)
	}
	_ = l.c.Close()
}

func (t *tasks) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.running
}

// slowChat answers posts when it is let to.
type slowChat struct {
	Chat
	gate  chan struct{}
	begun atomic.Int64
}

func (s *slowChat) PostAsync(_ context.Context, _ myna.Principal, in chat.PostInput, done func(chat.Posted, error)) {
	s.begun.Add(1)
	<-s.gate
	done(chat.Posted{Room: in.Room, Seq: s.begun.Load()}, nil)
}

// TestInboxIsBounded lets a device send far more than is carried out: most of it has to wait on its own
// side, and all is answered in order in the end.
func TestInboxIsBounded(t *testing.T) {
	n := start(t)
	slow := &slowChat{Chat: n.handler.chat, gate: make(chan struct{})}
	n.handler.chat = slow
	people := n.people(2)
	l, other := n.dialRaw(t, people[0]), n.connect(people[1])
	const posts = 3000
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := range posts {
			id := myna.Nonce{1, 14: byte(i >> 8), 15: byte(i)}
			frame := fmt.Sprintf(`{"type":"post","nonce":"%s","room":"%s","text":"%s"}`, id, myna.RoomID(9), strings.Repeat("m", 4000))
			if _, err := l.c.Write(masked(ws.OpText, true, frame)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	other.send(wire.Ping{Type: wire.FramePing}) // nobody else is held up
	other.want(wire.FramePong)
	time.Sleep(100 * time.Millisecond)
	select {
	case <-sent:
		t.Error("12 MB were taken in while nothing was carried out")
	default:
	}
	close(slow.gate)
	<-sent
	l.wantText(`"ready"`)
	for i := range posts {
		l.wantText(fmt.Sprintf(`"nonce":"%s"`, myna.Nonce{1, 14: byte(i >> 8), 15: byte(i)}))
	}
}

// panics fails in the way no frame should be able to make it fail.
type panics struct{ Chat }

func (panics) MarkRead(context.Context, myna.Principal, myna.RoomID, int64, bool) (myna.Membership, error) {
	panic("a fault of ours")
}

func TestFaultEndsOneConnection(t *testing.T) {
	n := start(t)
	n.handler.chat = panics{n.handler.chat}
	people := n.people(2)
	bad, good := n.connect(people[0]), n.connect(people[1])
	bad.send(wire.Read{Type: wire.FrameRead, Room: 5, Seq: 1})
	if code := bad.closed(); code != wire.CloseLost {
		t.Errorf("closed with %d", code)
	}
	good.send(wire.Ping{Type: wire.FramePing})
	good.want(wire.FramePong)
}

// panicsOnce fails in the first fetch.
type panicsOnce struct {
	Chat
	done atomic.Bool
}

func (p *panicsOnce) Changes(ctx context.Context, who myna.Principal, s myna.Scope, after int64, limit int) (chat.Changes, error) {
	if !p.done.Swap(true) {
		panic("a fault of ours")
	}
	return p.Chat.Changes(ctx, who, s, after, limit)
}

// TestFaultInAFetch: those who wait for an answer that failed do not wait for ever.
func TestFaultInAFetch(t *testing.T) {
	n := start(t)
	n.handler.chat = &panicsOnce{Chat: n.handler.chat}
	people := n.people(2)
	room := n.room(people...)
	bad, good := n.connect(people[0]), n.connect(people[1])
	ask := wire.Fetch{Type: wire.FrameFetch, Ref: 1, Scope: room.Scope()}
	bad.send(ask)
	if code := bad.closed(); code != wire.CloseLost {
		t.Errorf("closed with %d", code)
	}
	good.send(ask)
	good.want(wire.FrameChanges)
}

// TestLargeFetchComesInParts fetches more than fits into one answer.
func TestLargeFetchComesInParts(t *testing.T) {
	n := start(t)
	people := n.people(2)
	room := n.room(people...)
	l := n.connect(people[0])
	after := l.ready.Heads[room.Scope()]
	const messages = 60
	for range messages {
		n.say(people[1], room, strings.Repeat("w", 12<<10))
	}
	rows := 0
	for more, parts := true, 0; more; parts++ {
		l.send(wire.Fetch{Type: wire.FrameFetch, Ref: int64(parts), Scope: room.Scope(), After: after})
		f := l.want(wire.FrameChanges)
		if parts > 10 || len(f.Rows) == 0 || f.Rows[0].Rev != after+1 {
			t.Fatalf("part %d has %d rows from %d", parts, len(f.Rows), f.Head)
		}
		rows, more = rows+len(f.Rows), f.More
		after = f.Rows[len(f.Rows)-1].Rev
		if !more && parts == 0 {
			t.Error("it came in one answer")
		}
	}
	if rows != messages {
		t.Errorf("%d rows", rows)
	}
}
