package auth

import (
	"context"
	"runtime"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// Tick does at once what Run does with time.
func (a *Auth) Tick(ctx context.Context) {
	for _, do := range []func(context.Context) error{a.flush, a.expire, a.poll, a.sweep} {
		if err := do(ctx); err != nil {
			panic(err)
		}
	}
}

// Look is one poll for sessions that other processes ended.
func (a *Auth) Look(ctx context.Context) error { return a.look(ctx) }

// InsertStaleSession writes a session as somebody would who read the account before its first change.
func (a *Auth) InsertStaleSession(t *testing.T, user myna.UserID) (token string) {
	token, session := a.newSession(user, firstEpoch, Device{})
	err := a.update(t.Context(), func(ctx context.Context, tx *sqldb.Tx) error {
		return store.InsertSessions(ctx, tx, session)
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// HoldSlots takes all hashing slots until release is called.
func (a *Auth) HoldSlots() (release func()) {
	for range cap(a.hasher.slots) {
		a.hasher.slots <- struct{}{}
	}
	return func() {
		for range cap(a.hasher.slots) {
			<-a.hasher.slots
		}
	}
}

// WaitForHashing returns when somebody waits for a hashing slot.
func (a *Auth) WaitForHashing() {
	for a.hasher.waiting.Load() == 0 {
		runtime.Gosched()
	}
}

// Hashed counts the passwords hashed or checked so far.
func (a *Auth) Hashed() int64 { return a.hasher.done.Load() }
