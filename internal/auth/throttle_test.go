package auth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
)

// from is a device at another address each time, so that only the account's own counter acts.
func from(i int, d auth.Device) auth.Device {
	d.Address = fmt.Sprintf("198.51.%d.%d", i/250, i%250)
	return d
}

// TestThrottle lets strangers guess: after five tries each further one has to wait longer, and nobody
// can tell whether the account exists.
func TestThrottle(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add("ben")
		for _, name := range []string{"ben", "nobody-at-all", "not a name", "load-1"} {
			tried := 0
			guess := func() *myna.Error {
				tried++
				_, err := h.Login(t.Context(), name, "wrong", from(tried, browser()))
				return myna.AsError(err)
			}
			for i := range 5 {
				if e := guess(); e.Code != myna.CodeWrongLogin || e.Kind != myna.Unauthorized {
					t.Fatalf("%s, free try %d: %v", name, i, e)
				}
			}
			for i, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
				wait *= time.Second
				if e := guess(); e.Code != myna.CodeTooMany || e.Kind != myna.Limited || e.RetryAfter != wait {
					t.Fatalf("%s, guess %d too early: %+v, want to wait %v", name, i, e, wait)
				}
				h.pass(wait)
				if e := guess(); e.Code != myna.CodeWrongLogin {
					t.Fatalf("%s, guess %d after its wait: %v", name, i, e)
				}
			}
			h.pass(25 * time.Hour)
			for i := range 5 {
				if e := guess(); e.Code != myna.CodeWrongLogin {
					t.Fatalf("%s, free try %d of the next day: %v", name, i, e)
				}
			}
		}
	})
}

// TestKnownDevice keeps strangers from locking the owner of an account out.
func TestKnownDevice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.add("ben")
		h.login("ben", secret, marked('b'))
		for i := range 20 {
			_, _ = h.Login(ctx, "ben", "wrong", from(i, marked('e')))
		}
		_, err := h.Login(ctx, "ben", secret, from(30, browser()))
		wantCode(t, err, myna.Limited, myna.CodeTooMany) // from a device nobody knows, even with the password
		h.login("ben", secret, from(31, marked('b')))    // but the owner gets in

		// The owner's success gives the strangers no new tries.
		_, err = h.Login(ctx, "ben", "wrong", from(32, marked('e')))
		wantCode(t, err, myna.Limited, myna.CodeTooMany)

		// The known device is not free to guess either, on a counter of its own.
		for i := range 5 {
			_, err = h.Login(ctx, "ben", "wrong", from(40+i, marked('b')))
			wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
		}
		_, err = h.Login(ctx, "ben", secret, from(50, marked('b')))
		wantCode(t, err, myna.Limited, myna.CodeTooMany)

		// It is known to this account only.
		h.add("cat")
		for i := range 6 {
			_, _ = h.Login(ctx, "cat", "wrong", from(60+i, browser()))
		}
		_, err = h.Login(ctx, "cat", secret, from(70, marked('b')))
		wantCode(t, err, myna.Limited, myna.CodeTooMany)

		// A success from a stranger's device that waited long enough clears their counter.
		h.pass(15 * time.Minute)
		h.login("ben", secret, from(80, marked('n')))
		_, err = h.Login(ctx, "ben", "wrong", from(81, browser()))
		wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
	})
}

// TestGuessesAtOnce sends many guesses at the same moment: no more than the free ones may be looked at.
func TestGuessesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add("ben")
		var looked atomic.Int64
		var running sync.WaitGroup
		for i := range 20 {
			running.Go(func() {
				_, err := h.Login(t.Context(), "ben", "wrong", from(i, browser()))
				switch myna.AsError(err).Code {
				case myna.CodeWrongLogin:
					looked.Add(1)
				case myna.CodeTooMany:
				default:
					t.Errorf("guess %d: %v", i, err)
				}
			})
		}
		running.Wait()
		if looked.Load() != 5 {
			t.Errorf("%d of 20 guesses were looked at", looked.Load())
		}
	})
}

// TestLoginsAtOnce is the same with the right password: nobody is counted as a guesser for good.
func TestLoginsAtOnce(t *testing.T) {
	h := onSQLite(t)
	var running sync.WaitGroup
	for _, name := range []string{"ann", "ben", "cat", "dora", "eve", "finn", "gus", "hal"} {
		h.add(name)
		running.Go(func() {
			for range 8 {
				if _, err := h.Login(t.Context(), name, secret, browser()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	running.Wait()
}

// TestSpraying slows down one address that tries one password on many accounts.
func TestSpraying(t *testing.T) {
	h := onSQLite(t)
	h.add("ben")
	var err error
	for i := range 100 {
		_, err = h.Login(t.Context(), fmt.Sprintf("user-%d", i), "wrong", browser())
		wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
	}
	_, err = h.Login(t.Context(), "ben", secret, browser())
	wantCode(t, err, myna.Limited, myna.CodeTooMany)
	if wait := myna.AsError(err).RetryAfter; wait != 6*time.Second {
		t.Errorf("told to wait %v", wait)
	}
	h.login("ben", secret, from(1, browser())) // another address
	h.pass(6 * time.Second)
	for range 10 {
		h.login("ben", secret, browser()) // who signs in rightly uses nothing up
	}
}

// TestGivingUp takes the count of an attempt back when the caller leaves before the password is looked at.
func TestGivingUp(t *testing.T) {
	h := onSQLite(t)
	h.add("ben")
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		release := h.HoldSlots()
		answer := make(chan error)
		go func() {
			_, err := h.Login(ctx, "ben", secret, browser())
			answer <- err
		}()
		h.WaitForHashing()
		cancel()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Fatalf("login ended with %v", err)
		}
		release()
	}
	h.login("ben", secret, browser())
}

// TestSameWork counts the expensive part instead of timing it: an unknown name, one without a password,
// and a wrong password each cost exactly one hash.
func TestSameWork(t *testing.T) {
	h := onSQLite(t)
	h.add("ben")
	if _, err := h.AddUser(t.Context(), auth.AddUserInput{Username: "new"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ben", "nobody", "not a name", "new"} {
		before := h.Hashed()
		_, err := h.Login(t.Context(), name, "wrong", browser())
		wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
		if n := h.Hashed() - before; n != 1 {
			t.Errorf("%q cost %d hashes", name, n)
		}
		if got := err.Error(); got != "the username or the password is wrong" {
			t.Errorf("%q was told %q", name, got)
		}
	}
}
