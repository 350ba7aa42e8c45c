package auth_test

import (
	"context"
	"testing"
	"time"

	"github.com/myna-chat/myna/internal/sqldb"
)

// TestBlind: when it cannot be seen for a while which sessions ended, that is said, once an outage; not
// for a single failure.
func TestBlind(t *testing.T) {
	h := onSQLite(t)
	rename := func(from, to string) {
		t.Helper()
		err := h.db.Update(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look := func(works bool, want int) {
		t.Helper()
		if err := h.Look(t.Context()); (err == nil) != works || h.blind != want {
			t.Errorf("poll: %v; told %d times, want %d", err, h.blind, want)
		}
	}
	for outage := range 2 {
		look(true, outage)
		h.pass(time.Hour) // nobody looked, which is no failure
		rename("sessions", "away")
		look(false, outage)
		h.pass(2 * time.Second)
		look(false, outage)
		stopped, stop := context.WithCancel(t.Context())
		stop()
		h.pass(time.Second)
		if _ = h.Look(stopped); h.blind != outage {
			t.Error("a server that stops is not blind")
		}
		look(false, outage+1)
		h.pass(time.Minute)
		look(false, outage+1)
		rename("away", "sessions")
		look(true, outage+1)
	}
}
