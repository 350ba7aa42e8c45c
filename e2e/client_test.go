package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/client"
	"github.com/myna-chat/myna/e2e/binary"
	"github.com/myna-chat/myna/e2e/person"
	"github.com/myna-chat/myna/wire"
)

const (
	clientPosts    = 300
	clientRestarts = 2
)

// TestClient is the Go SDK against the real server, which is killed twice while somebody talks: the
// reader is handed every message once and in order, and every post has its one place.
func TestClient(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server, token := signedIn(ctx, t)
	api, err := client.New(server.URL, token, nil)
	if err != nil {
		t.Fatal(err)
	}
	room, err := api.CreateRoom(ctx, wire.CreateRoom{Kind: "closed", Name: "sdk"})
	if err != nil {
		t.Fatal(err)
	}
	synced, err := api.Sync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	options := client.Options{Cursors: client.CursorsOf(synced), Backoff: 20 * time.Millisecond}
	writer, err := client.Dial(ctx, server.URL, token, options)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	reader, err := client.Dial(ctx, server.URL, token, options)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()

	acks := make(chan wire.Ack, clientPosts)
	talked := make(chan error, 1)
	go func() { talked <- talk(ctx, writer, room.Room.ID, acks) }()
	go drain(ctx, writer)
	for range clientRestarts {
		for range clientPosts / (clientRestarts + 1) {
			<-acks
		}
		if err := errors.Join(server.Kill(), server.Start(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range clientPosts {
		m, err := nextMessage(ctx, reader)
		if err != nil {
			t.Fatalf("after %d messages: %v", i, err)
		}
		if want := fmt.Sprintf("message %d", i); m.Seq != int64(i+1) || m.Text != want {
			t.Fatalf("message %d is %q at seq %d", i, m.Text, m.Seq)
		}
	}
	if err := <-talked; err != nil {
		t.Error(err)
	}
	if err := api.Logout(ctx); err != nil {
		t.Error(err)
	}
	var refused *myna.Error
	for {
		if _, err := reader.Next(ctx); err != nil {
			if !errors.As(err, &refused) || refused.Kind != myna.Unauthorized {
				t.Errorf("after logout: %v", err)
			}
			return
		}
	}
}

func signedIn(ctx context.Context, t *testing.T) (*binary.Server, string) {
	t.Helper()
	server, err := binary.New(binary.Options{Path: os.Getenv("MYNA_BIN"), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Kill() })
	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	link, err := server.SetupLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	setup, err := setupToken(link)
	if err != nil {
		t.Fatal(err)
	}
	const password = "correct horse battery staple"
	if err := person.New(server.URL).Setup(ctx, setup, "ann", password); err != nil {
		t.Fatal(err)
	}
	token, err := client.Login(ctx, server.URL, "ann", password)
	if err != nil {
		t.Fatal(err)
	}
	return server, token
}

func talk(ctx context.Context, c *client.Conn, room myna.RoomID, acks chan<- wire.Ack) error {
	for i := range clientPosts {
		ack, err := c.Post(ctx, room, fmt.Sprintf("message %d", i))
		if err != nil {
			return fmt.Errorf("post %d: %w", i, err)
		}
		if ack.Seq != int64(i+1) {
			return fmt.Errorf("message %d was acknowledged at seq %d", i, ack.Seq)
		}
		acks <- ack
	}
	return nil
}

func drain(ctx context.Context, c *client.Conn) {
	for {
		if _, err := c.Next(ctx); err != nil {
			return
		}
	}
}

func nextMessage(ctx context.Context, c *client.Conn) (wire.Message, error) {
	for {
		ev, err := c.Next(ctx)
		if err != nil {
			return wire.Message{}, err
		}
		if change, ok := ev.(client.Change); ok {
			if m, ok := change.Row.(wire.Message); ok {
				return m, nil
			}
		}
	}
}
