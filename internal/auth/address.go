package auth

import (
	"net/netip"
	"sync"
	"time"

	"github.com/myna-chat/myna"
)

const (
	// An address may fail addressBurst times at once and then once every addressEvery. It can be a
	// whole school behind one router, so this is wide; it is the account's own counter that stops
	// guessing one password, while this slows the trying of one password on many accounts.
	addressBurst = 100
	addressEvery = 6 * time.Second
	maxAddresses = 50_000 // about 5 MiB; beyond it those at rest are forgotten, else any
)

// addressBrake counts failures an address, in memory: a leaky bucket (GCRA) each, kept as the moment at
// which it is empty. An attempt is taken before its outcome is known and given back if it was honest, so
// that attempts made at the same time cannot slip through.
type addressBrake struct {
	mu    sync.Mutex // guards empty
	empty map[netip.Prefix]time.Time
}

func newAddressBrake() *addressBrake { return &addressBrake{empty: map[netip.Prefix]time.Time{}} }

// take counts one attempt. The error is of kind Limited. No address, or none that can be read, is the
// command line and not limited.
func (b *addressBrake) take(address string, now time.Time) error {
	key, ok := network(address)
	if !ok {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.empty[key]
	if at.Before(now) {
		at = now
	}
	at = at.Add(addressEvery)
	if wait := at.Sub(now) - addressBurst*addressEvery; wait > 0 {
		return myna.Errorf(myna.Limited, myna.CodeTooMany, "too many failed attempts from this address; try again later").After(wait)
	}
	if len(b.empty) >= maxAddresses {
		b.forget(now)
	}
	b.empty[key] = at
	return nil
}

// giveBack takes an attempt out of the count.
func (b *addressBrake) giveBack(address string) {
	key, ok := network(address)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at, known := b.empty[key]; known {
		b.empty[key] = at.Add(-addressEvery)
	}
}

func (b *addressBrake) forget(now time.Time) {
	for key, at := range b.empty {
		if at.Before(now) {
			delete(b.empty, key)
		}
	}
	for key := range b.empty {
		if len(b.empty) < maxAddresses {
			return
		}
		delete(b.empty, key)
	}
}

// network is what one client is counted by: its IPv4 address, or the /64 an IPv6 client can roam in.
func network(address string) (netip.Prefix, bool) {
	at, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, false
	}
	at = at.Unmap().WithZone("")
	bits := 32
	if at.Is6() {
		bits = 64
	}
	prefix, err := at.Prefix(bits)
	return prefix, err == nil
}
