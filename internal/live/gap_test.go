package live

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// TestGapsAreBounded fills gaps from pages; a gap nobody could want to hear sends the listeners away, who
// then fetch for themselves.
func TestGapsAreBounded(t *testing.T) {
	tests := []struct {
		name   string
		missed int
		code   int
	}{
		{"one page", 100, 0},
		{"several pages", 1000, 0},
		{"too much", maxGap + 500, wire.CloseLost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const page = 150
				w := newWorld()
				w.set(lobby, ann, true)
				h := run(t, w, func(o *Options) {
					o.Log = slog.New(slog.DiscardHandler)
					all := o.History
					o.History = func(ctx context.Context, s myna.Scope, after int64) ([]myna.Change, int64, error) {
						rows, head, err := all(ctx, s, after)
						rows = rows[:min(page, len(rows))]
						return rows, head, err
					}
				})
				a, b := attach(t, h, ann), attach(t, h, bob)
				first := w.revs[lobby.Scope()] + 1
				for range tt.missed {
					w.say(lobby, "missed")
				}
				h.Commit(w.say(lobby, "seen"))
				synctest.Wait()
				if a.closed() != tt.code || b.closed() != 0 {
					t.Fatalf("closed with %d and %d, want %d and 0", a.closed(), b.closed(), tt.code)
				}
				if tt.code != 0 {
					return
				}
				var want []int64
				for rev := first; rev <= w.revs[lobby.Scope()]; rev++ {
					want = append(want, rev)
				}
				if got := revsOf(a.take(), lobby.Scope()); !slices.Equal(got, want) {
					t.Errorf("got %d changes, want %d in order", len(got), len(want))
				}
			})
		})
	}
}
