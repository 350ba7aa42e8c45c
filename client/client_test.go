package client_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/client"
	"github.com/myna-chat/myna/internal/livetest"
	"github.com/myna-chat/myna/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const messages = 120 // of each author: enough for every fault to happen many times

// TestEverythingOnceInOrder is the promise of the package under each kind of trouble: whatever the line
// does, a reader is handed every message once and in order, and every post is stored once.
func TestEverythingOnceInOrder(t *testing.T) {
	for name, f := range map[string]livetest.Faults{
		"calm":       {},
		"lost":       {Drop: 0.3},
		"doubled":    {Repeat: 0.5},
		"cut":        {Cut: 0.05},
		"resync":     {Resync: 0.1},
		"unanswered": {Silent: 0.05, Cut: 0.03},
		"all":        {Drop: 0.1, Repeat: 0.2, Cut: 0.02, Resync: 0.05},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := livetest.New(t, f, 7)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			room, tokens := s.Room(3)
			var conns []*client.Conn
			for _, token := range tokens {
				conns = append(conns, dial(ctx, t, s, token, nil))
			}
			acks := make([][]wire.Ack, 2)
			var talkers, others sync.WaitGroup
			for i := range acks {
				talkers.Go(func() { acks[i] = talk(ctx, t, conns[i], room) })
				others.Go(func() { drain(ctx, conns[i]) })
			}
			others.Go(func() { // a lost last message shows in the heads
				talkers.Wait()
				for ctx.Err() == nil && conns[2].Cursors()[room.Scope()] < 2*messages {
					s.Beacon()
					time.Sleep(20 * time.Millisecond)
				}
			})
			got := listen(ctx, t, conns[2], 2*messages)
			talkers.Wait()
			for _, c := range conns {
				_ = c.Close()
			}
			others.Wait()
			judge(t, s.Messages(room), got, acks)
		})
	}
}

func judge(t *testing.T, stored, got []wire.Message, acks [][]wire.Ack) {
	t.Helper()
	if len(stored) != 2*messages {
		t.Errorf("%d messages are stored, want %d", len(stored), 2*messages)
	}
	if d := cmp.Diff(stored, got); d != "" {
		t.Errorf("the reader's journal differs from history (-stored +got):\n%s", d)
	}
	for _, as := range acks {
		for _, a := range as {
			if a.Seq < 1 || a.Seq > int64(len(stored)) || stored[a.Seq-1].Nonce != a.Nonce {
				t.Errorf("ack %+v names a place where another message stands", a)
			}
		}
	}
}

func dial(ctx context.Context, t *testing.T, s *livetest.Server, token string, cursors map[myna.Scope]int64) *client.Conn {
	t.Helper()
	c, err := client.Dial(ctx, s.URL, token, client.Options{Cursors: cursors, Backoff: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func talk(ctx context.Context, t *testing.T, c *client.Conn, room myna.RoomID) []wire.Ack {
	var acks []wire.Ack
	for i := range messages {
		nonce := client.NewNonce()
		for {
			// a post that is never answered is asked again with the same nonce
			pctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
			ack, err := c.PostAs(pctx, nonce, room, fmt.Sprintf("message %d", i))
			cancel()
			if err == nil {
				acks = append(acks, ack)
				break
			}
			if ctx.Err() != nil {
				t.Errorf("post %d: %v", i, err)
				return acks
			}
		}
	}
	return acks
}

func listen(ctx context.Context, t *testing.T, c *client.Conn, want int) []wire.Message {
	t.Helper()
	var got []wire.Message
	for len(got) < want {
		ev, err := c.Next(ctx)
		if err != nil {
			t.Fatalf("after %d messages: %v", len(got), err)
		}
		if ch, ok := ev.(client.Change); ok {
			if m, ok := ch.Row.(wire.Message); ok {
				got = append(got, m)
			}
		}
	}
	return got
}

func drain(ctx context.Context, c *client.Conn) {
	for {
		if _, err := c.Next(ctx); err != nil {
			return
		}
	}
}

func TestResumeInAnotherProcess(t *testing.T) {
	s := livetest.New(t, livetest.Faults{}, 1)
	ctx := t.Context()
	room, tokens := s.Room(2)
	reader := dial(ctx, t, s, tokens[0], nil)
	writer := dial(ctx, t, s, tokens[1], nil)
	talk(ctx, t, writer, room)
	first := listen(ctx, t, reader, messages/2) // the rest is queued and never taken
	cursors := reader.Cursors()
	if got := cursors[room.Scope()]; got != messages/2 {
		t.Errorf("the cursor is %d after %d messages were taken", got, messages/2)
	}
	_ = reader.Close()
	again := dial(ctx, t, s, tokens[0], cursors)
	got := append(first, listen(ctx, t, again, messages-messages/2)...)
	if d := cmp.Diff(s.Messages(room), got); d != "" {
		t.Errorf("resumed journal differs (-stored +got):\n%s", d)
	}
}

func TestResetIsHandedOver(t *testing.T) {
	s := livetest.New(t, livetest.Faults{}, 1)
	s.Behind = 10
	ctx := t.Context()
	room, tokens := s.Room(2)
	writer := dial(ctx, t, s, tokens[1], nil)
	talk(ctx, t, writer, room)
	reader := dial(ctx, t, s, tokens[0], map[myna.Scope]int64{room.Scope(): 1})
	for {
		ev, err := reader.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		reset, ok := ev.(client.Reset)
		if !ok {
			continue
		}
		if reset.Scope != room.Scope() || reset.Head != messages {
			t.Errorf("got %+v", reset)
		}
		break
	}
	after := int64(messages - 5)
	page, err := reader.API().Messages(ctx, room, client.MessagesQuery{After: &after})
	if err != nil || len(page.Messages) != 5 {
		t.Errorf("got %d messages and %v, want the last 5", len(page.Messages), err)
	}
	ack, err := writer.Post(ctx, room, "one more")
	if err != nil {
		t.Fatal(err)
	}
	if got := listen(ctx, t, reader, 1); got[0].Seq != ack.Seq {
		t.Errorf("after the reset came seq %d, want %d", got[0].Seq, ack.Seq)
	}
}

func TestErrorsAreTheServers(t *testing.T) {
	s := livetest.New(t, livetest.Faults{}, 1)
	ctx := t.Context()
	_, err := client.Dial(ctx, s.URL, "myna_s_nobody", client.Options{})
	var e *myna.Error
	if !errors.As(err, &e) || e.Kind != myna.Unauthorized || e.Code != myna.CodeNoSession {
		t.Errorf("dial without a session: %v", err)
	}
	_, tokens := s.Room(1)
	c := dial(ctx, t, s, tokens[0], nil)
	if _, err := c.Post(ctx, 12345, "hello?"); !errors.As(err, &e) || e.Kind != myna.NotFound {
		t.Errorf("post in a room that does not exist: %v", err)
	}
	_ = c.Close()
	if _, err := c.Post(ctx, 12345, "hello?"); !errors.Is(err, client.ErrClosed) {
		t.Errorf("post after close: %v", err)
	}
	for _, bad := range []string{"", "chat.example.org", "ftp://chat.example.org", "http://"} {
		if _, err := client.New(bad, "", nil); err == nil {
			t.Errorf("%q was taken for a server's address", bad)
		}
	}
}
