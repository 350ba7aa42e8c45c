package live

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/myna-chat/myna"
)

func TestBudget(t *testing.T) {
	now := time.Unix(1_760_000_000, 0)
	var b budget
	taken := func(cost int) (n int) {
		for {
			if ok, _ := b.take(now, cost); !ok {
				return n
			}
			n++
		}
	}
	if n := taken(1); n != myna.MaxFramesBurst {
		t.Errorf("%d frames passed at once, want %d", n, myna.MaxFramesBurst)
	}
	now = now.Add(time.Second)
	if n := taken(1); n != myna.MaxFrames {
		t.Errorf("%d frames passed a second later, want %d", n, myna.MaxFrames)
	}
	if ok, calm := b.take(now, 1); ok || calm {
		t.Errorf("a budget that is used up: %v, calm %v", ok, calm)
	}
	now = now.Add(time.Hour)
	if n := taken(myna.DearFrame); n != myna.MaxFramesBurst/myna.DearFrame {
		t.Errorf("%d dear frames passed at once, want %d", n, myna.MaxFramesBurst/myna.DearFrame)
	}
	now = now.Add(-6 * time.Hour)
	if ok, calm := b.take(now, 1); !ok || !calm {
		t.Error("after the clock was set back nothing is let through")
	}
}

func TestBudgetIsShared(t *testing.T) {
	now := time.Unix(1_760_000_000, 0)
	var b budget
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range myna.MaxFramesBurst {
				if ok, _ := b.take(now, 1); ok {
					passed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if passed.Load() != myna.MaxFramesBurst {
		t.Errorf("%d frames passed, want %d", passed.Load(), myna.MaxFramesBurst)
	}
}

// TestBudgetOutlivesReconnects: whoever goes and comes back finds what is left, until it would be whole
// anyway.
func TestBudgetOutlivesReconnects(t *testing.T) {
	if whole := time.Duration(myna.MaxFramesBurst * frameWorth); whole > grace {
		t.Errorf("a budget takes %v to fill, but is forgotten %v after the last device went", whole, grace)
	}
	h := run(t, newWorld())
	first := attach(t, h, ann)
	for range myna.MaxFramesBurst {
		first.Spend(1)
	}
	h.Detach(&first.Session)
	again := attach(t, h, ann)
	if ok, _ := again.Spend(myna.MaxFramesBurst / 2); ok {
		t.Error("a new connection has a new budget")
	}
	if ok, _ := attach(t, h, bob).Spend(myna.MaxFramesBurst); !ok {
		t.Error("somebody else has to wait")
	}
}
