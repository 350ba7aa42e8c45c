package fault

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/e2e/binary"
	"github.com/myna-chat/myna/e2e/person"
	"github.com/myna-chat/myna/wire"
)

var cycles = flag.Int("cycles", 25, "how often the server is killed")

const (
	writers    = 3
	mostCycle  = 400 * time.Millisecond // of talk between a start and a kill
	sendTwice  = 5                      // every so manieth message is sent twice at once
	passphrase = "correct horse battery staple"
)

// TestKill lets people talk while the server is killed again and again, and holds the end against what
// was acknowledged. Nobody stops talking for it: what was under way at a kill is sent again with the
// same nonce, as a client does.
func TestKill(t *testing.T) {
	n := *cycles
	if testing.Short() {
		n = min(n, 3)
	}
	ctx := t.Context()
	server := start(t)
	people, room := gather(t, server)
	listener, speakers := people[0], people[1:]

	journals := make([]journal, len(speakers))
	for cycle := range n {
		for _, d := range people {
			if err := d.Connect(ctx); err != nil {
				t.Fatalf("cycle %d: %v\n%s", cycle, err, server.Log())
			}
		}
		var talk sync.WaitGroup
		for i, d := range speakers {
			talk.Go(func() { journals[i].talk(ctx, t, d, room, fmt.Sprintf("%d.%d", cycle, i)) })
		}
		time.Sleep(rand.N(mostCycle)) // where in the work the kill falls is what the loop varies
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		talk.Wait()
		for _, d := range people {
			d.Disconnect()
		}
		if err := server.Start(ctx); err != nil {
			t.Fatalf("cycle %d: %v", cycle, err)
		}
	}
	judge(ctx, t, n, listener, room, journals)
	if err := server.Stop(); err != nil {
		t.Error(err)
	}
}

func judge(ctx context.Context, t *testing.T, n int, listener *person.Device, room myna.RoomID, journals []journal) {
	t.Helper()
	if err := listener.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	history, err := listener.Everything(ctx, room)
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Until(ctx, func(s *person.State) string {
		if known := s.Rooms[room]; known == nil || known.LastSeq < int64(len(history)) {
			return "the listener has not caught up"
		}
		return ""
	}); err != nil {
		t.Error(err)
	}
	var seen []wire.Message
	listener.Look(func(s *person.State) string {
		for _, m := range s.Rooms[room].Messages {
			seen = append(seen, m)
		}
		return ""
	})
	listener.Disconnect()
	var said []Said
	acknowledged := 0
	for _, j := range journals {
		said = append(said, j.said...)
		for _, s := range j.said {
			if s.Seq != 0 {
				acknowledged++
			}
		}
	}
	for _, broken := range Verdict(said, seen, history) {
		t.Error(broken)
	}
	if acknowledged < n {
		t.Errorf("only %d messages were acknowledged in %d cycles: nothing was tested", acknowledged, n)
	}
	t.Logf("%d kills, %d messages said, %d acknowledged, %d kept", n, len(said), acknowledged, len(history))
}

// journal is what one speaker remembers.
type journal struct {
	said []Said
}

// talk says things until the connection breaks. What the last one left unanswered is said again first.
func (j *journal) talk(ctx context.Context, t *testing.T, d *person.Device, room myna.RoomID, name string) {
	for i := range j.said {
		if s := &j.said[i]; s.Seq == 0 && !j.post(ctx, t, d, room, s) {
			return
		}
	}
	for i := 0; ; i++ {
		j.said = append(j.said, Said{Nonce: person.NewNonce(), Text: fmt.Sprintf("%s message %d", name, i)})
		s := &j.said[len(j.said)-1]
		if i%sendTwice == 0 && !j.post(ctx, t, d, room, s) {
			return
		}
		if !j.post(ctx, t, d, room, s) {
			return
		}
	}
}

// post says one thing and says whether the line still stands.
func (j *journal) post(ctx context.Context, t *testing.T, d *person.Device, room myna.RoomID, s *Said) bool {
	ack, err := d.Post(ctx, room, s.Nonce, s.Text)
	var refusal *person.Refusal
	if errors.As(err, &refusal) && refusal.Code == myna.CodeTooMany {
		time.Sleep(50 * time.Millisecond)
		return true
	}
	if err != nil {
		if !errors.Is(err, person.ErrOffline) {
			t.Error(err)
		}
		return false
	}
	if s.Seq != 0 && s.Seq != ack.Seq {
		t.Errorf("%q was acknowledged at seq %d and again at %d", s.Text, s.Seq, ack.Seq)
	}
	s.Seq = ack.Seq
	return true
}

// start builds the program and runs it.
func start(t *testing.T) *binary.Server {
	t.Helper()
	path, err := binary.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := binary.New(binary.Options{Path: path, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Kill() })
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return server
}

// gather signs the listener (who is the owner) and the speakers in, and gives the room they share.
func gather(t *testing.T, server *binary.Server) ([]*person.Device, myna.RoomID) {
	t.Helper()
	ctx := t.Context()
	link, err := server.SetupLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	owner := person.New(server.URL)
	if err := owner.Setup(ctx, link[lastPart(link)+1:], "owner", passphrase); err != nil {
		t.Fatal(err)
	}
	code, err := owner.Invite(ctx, writers)
	if err != nil {
		t.Fatal(err)
	}
	people := []*person.Device{owner}
	for i := range writers {
		d := person.New(server.URL)
		if err := d.Register(ctx, fmt.Sprintf("speaker%d", i), passphrase, code); err != nil {
			t.Fatal(err)
		}
		people = append(people, d)
	}
	var all wire.Sync
	if err := owner.Call(ctx, "GET", "/sync", nil, &all); err != nil {
		t.Fatal(err)
	}
	return people, all.Rooms[0].Room.ID
}

// lastPart is where a link's token is cut off.
func lastPart(link string) int {
	at := -1
	for i, c := range link {
		if c == '/' || c == '=' || c == '#' {
			at = i
		}
	}
	return at
}
