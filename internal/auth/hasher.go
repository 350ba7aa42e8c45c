package auth

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/myna-chat/myna"
)

// maxHashing bounds how many callers wait for a hashing slot: with one slot and 80 ms each, the last of
// 256 waits 20 seconds, about as long as anybody looks at a sign-in form. Beyond it they are refused
// before any work is done.
const maxHashing = 256

// hasher computes and checks password hashes, a few at a time, so that a storm of sign-ins takes neither
// all cores from the messages nor 19 MiB a caller.
type hasher struct {
	params  Params
	dummy   string // checked when there is no hash, so that both cases take the same time
	slots   chan struct{}
	waiting atomic.Int64
	done    atomic.Int64 // passwords hashed or checked
}

func newHasher(p Params, slots int) *hasher {
	if p == (Params{}) {
		p = DefaultParams()
	}
	if slots == 0 {
		slots = max(runtime.NumCPU()/2, 1)
	}
	return &hasher{params: p, dummy: hashPassword("nobody's password", p), slots: make(chan struct{}, slots)}
}

// hash makes the hash of a new password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	return hashPassword(password, h.params), nil
}

// check compares a password with a hash. With no hash it works as long and says no. better is the hash
// to store instead where the old one is outdated, else "".
func (h *hasher) check(ctx context.Context, password, hash string) (ok bool, better string, err error) {
	if err := h.acquire(ctx); err != nil {
		return false, "", err
	}
	defer h.release()
	if hash == "" {
		checkPassword(password, h.dummy, h.params)
		return false, "", nil
	}
	ok, outdated := checkPassword(password, hash, h.params)
	if ok && outdated {
		better = hashPassword(password, h.params)
	}
	return ok, better, nil
}

func (h *hasher) acquire(ctx context.Context) error {
	if h.waiting.Add(1) > maxHashing {
		h.waiting.Add(-1)
		return myna.Errorf(myna.Limited, myna.CodeOverloaded, "too many people are signing in at this moment; try again soon").
			After(5 * time.Second)
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) release() {
	h.done.Add(1)
	<-h.slots
}
