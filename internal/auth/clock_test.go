package auth_test

import (
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// TestClockSetBack: after the clock went back nobody waits for it to catch up, neither who mistyped a
// password nor the connections of sessions that another process ends.
func TestClockSetBack(t *testing.T) {
	h := onSQLite(t)
	ctx := t.Context()
	ben := h.add("ben")
	grant := h.login("ben", secret, browser())
	h.pass(6 * time.Hour)
	for i := range 6 {
		_, err := h.Login(ctx, "ben", "wrong", from(i, browser()))
		if i < 5 {
			wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
		}
	}
	h.Tick(ctx)

	h.pass(-6 * time.Hour)
	_, err := h.Login(ctx, "ben", "wrong", from(10, browser()))
	wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
	_, err = h.Login(ctx, "ben", secret, from(11, browser()))
	if e := myna.AsError(err); e.Code != myna.CodeTooMany || e.RetryAfter > time.Minute {
		t.Errorf("right after that: %v, wait %v", err, e.RetryAfter)
	}
	h.pass(time.Minute)
	h.login("ben", secret, from(11, browser()))

	h.Tick(ctx)
	console := newHouse(t, h.db)
	console.now.Store(h.now.Load())
	if _, err := console.EndSessions(ctx, ben.ID); err != nil {
		t.Fatal(err)
	}
	h.Tick(ctx)
	if got := h.code(grant.Session.ID); got != wire.CloseSessionEnded {
		t.Errorf("the socket of a session that ended elsewhere was closed with %d", got)
	}
}
