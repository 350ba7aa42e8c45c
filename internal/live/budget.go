package live

import (
	"sync/atomic"
	"time"

	"github.com/myna-chat/myna"
)

// budget is what all devices of a person may send together, a token bucket in 8 bytes: the time at which
// it will be full again, in Unix nanoseconds. It lives as long as its user, and so at least a grace
// period after the last device: longer than it takes to fill, so that nobody gains by reconnecting.
type budget struct {
	full atomic.Int64
}

// frameWorth is the time in which one frame's worth comes back.
const frameWorth = int64(time.Second) / myna.MaxFrames

// take takes cost frames, if that many are left. calm says that more than half was left.
func (b *budget) take(now time.Time, cost int) (ok, calm bool) {
	const whole = myna.MaxFramesBurst * frameWorth
	at := now.UnixNano()
	for {
		old := b.full.Load()
		behind := max(old-at, 0)
		if behind > whole { // more than can have been spent: the clock was set back
			behind = 0
		}
		calm = behind < whole/2
		next := behind + int64(cost)*frameWorth
		if next > whole {
			return false, calm
		}
		if b.full.CompareAndSwap(old, at+next) {
			return true, calm
		}
	}
}

// Spend takes cost frames from what all devices of the session's person may send together, and says
// whether that many were left; calm says that more than half of all was. Sessions of the load generator
// may send what they like, and one that was never attached nothing.
func (s *Session) Spend(cost int) (ok, calm bool) {
	switch {
	case s.who.Load:
		return true, true
	case s.user == nil:
		return false, false
	}
	return s.user.frames.take(time.Now(), cost)
}
