package journal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// TestForgottenLock: a lock that is never given back holds nobody up for ever, and when it is gone the
// journal goes on.
func TestForgottenLock(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		calm := newHouse(t, db)
		ann := calm.user("ann", myna.RoleOwner)
		room := calm.channel(ann, "room", myna.OpenRoom)

		j := journal.New(store.New(db), journal.Options{Timeout: 200 * time.Millisecond})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			j.Run(ctx)
			close(ended)
		}()
		defer func() {
			stop()
			<-ended
		}()

		locked, release, released := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			released <- db.Update(context.Background(), func(tx *sqldb.Tx) error {
				_, err := store.LockHeads(context.Background(), tx, []myna.Scope{room.Scope()})
				close(locked)
				<-release
				return err
			})
		}()
		<-locked
		nonce := newNonce()
		answers := make(chan error)
		for range 5 {
			op := &journal.Post{Principal: ann, Room: room, Nonce: nonce, Text: "hi"}
			j.Submit(op, func(err error) { go func() { answers <- err }() })
		}
		for range 5 {
			if err := <-answers; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("behind the lock: %v", err)
			}
		}
		close(release)
		if err := <-released; err != nil {
			t.Fatal(err)
		}
		op := &journal.Post{Principal: ann, Room: room, Nonce: nonce, Text: "hi"}
		for { // the database may need a moment to notice who went away
			err := j.Do(t.Context(), op)
			if err == nil {
				break
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			op = &journal.Post{Principal: ann, Room: room, Nonce: nonce, Text: "hi"}
		}
		if op.Answer.Seq != 1 {
			t.Errorf("afterwards: %+v", op.Answer)
		}
	})
}
