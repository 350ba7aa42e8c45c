package auth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

const (
	freeTries    = 5                // failures without any delay: people mistype
	firstDelay   = time.Second      // after the fifth; doubles with each further one
	longestDelay = 15 * time.Minute // 96 guesses a day and account
	forgetAfter  = 24 * time.Hour   // a counter nobody touched for so long begins anew
	maxDevices   = 50               // known devices an account; the longest unused goes
	deviceMark   = 32               // bytes of a device's own mark
)

// counter names one row of failures: an account and who is trying.
type counter struct {
	account myna.UserID
	device  []byte
}

// strangers is the counter of all devices an account does not know.
func strangers() []byte { return make([]byte, sha256.Size) }

// passwordChange is the counter of guessing the old password from inside a session.
func passwordChange() []byte { return hashOf("change of password") }

// nobody stands for a name no account has: it gets a counter as well, under a negative number made from
// the name, so that being slowed down does not tell who exists.
func nobody(key string) myna.UserID {
	sum := sha256.Sum256([]byte(key))
	return -myna.UserID(binary.BigEndian.Uint64(sum[:])>>2) - 1
}

// counterFor finds out which counter an attempt to sign in counts on.
func (a *Auth) counterFor(ctx context.Context, account myna.UserID, d Device) (counter, error) {
	if len(d.Known) != deviceMark {
		return counter{account, strangers()}, nil
	}
	device := hashOf(string(d.Known))
	known, err := store.DeviceKnown(ctx, a.db, account, device)
	if !known {
		device = strangers()
	}
	return counter{account, device}, err
}

// attempt counts a failure before the password is looked at, so that guesses made at the same time
// count as well; forgive and succeed put it right. The error is of kind Limited while the counter's
// delay lasts; the attempt is not counted then.
func (a *Auth) attempt(ctx context.Context, c counter) error {
	now := myna.TimeOf(a.now())
	return a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		f, err := store.LockFailures(ctx, tx, c.account, c.device)
		if err != nil {
			return err
		}
		if f.LastAt > now { // the clock was set back: nobody waits for it to catch up
			f.LastAt = now.Add(-delay(f.Count))
		}
		if f.LastAt.Add(forgetAfter) < now {
			f.Count = 0
		}
		if wait := f.LastAt.Add(delay(f.Count)) - now; f.Count >= freeTries && wait > 0 {
			return myna.Errorf(myna.Limited, myna.CodeTooMany, "too many failed attempts; wait and try again").
				After(time.Duration(wait) * time.Millisecond)
		}
		return store.SetFailures(ctx, tx, c.account, c.device, store.Failures{Count: f.Count + 1, LastAt: now})
	})
}

// delay is how long after a counter's last failure the next attempt is let through.
func delay(failures int) time.Duration {
	const doublings = 10 // 2^10 s is beyond longestDelay
	if failures < freeTries {
		return 0
	}
	return min(firstDelay<<min(failures-freeTries, doublings), longestDelay)
}

// forgive takes an attempt back that never was one: the password was not looked at.
func (a *Auth) forgive(ctx context.Context, c counter) {
	err := a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		f, err := store.LockFailures(ctx, tx, c.account, c.device)
		if err != nil {
			return err
		}
		f.Count = max(f.Count-1, 0)
		return store.SetFailures(ctx, tx, c.account, c.device, f)
	})
	if err != nil {
		a.log.Error("login counter could not be put right", "error", err)
	}
}

// succeed clears the counter and makes the device known. A success from a known device leaves the
// strangers' counter alone: whoever guesses must not get new free tries each time the owner signs in.
func (a *Auth) succeed(ctx context.Context, tx *sqldb.Tx, c counter, d Device) error {
	now := myna.TimeOf(a.now())
	if err := store.SetFailures(ctx, tx, c.account, c.device, store.Failures{LastAt: now}); err != nil {
		return err
	}
	if len(d.Known) != deviceMark || d.Kind != myna.BrowserSession {
		return nil
	}
	return store.KnowDevice(ctx, tx, c.account, hashOf(string(d.Known)), strangers(), maxDevices, now)
}
