package httpapi

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/myna-chat/myna"
)

// Rate is how many requests a second are let through for ever, and how many at once after a pause.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Rates of the two kinds of callers; a zero Rate stands for the default.
type Rates struct {
	User    Rate // all sessions of one person together
	Address Rate // requests without a session, and ones whose session was not believed
}

// The defaults of an address. It can be an office: 100 people may sign in at once.
const (
	addressPerSecond = 10
	addressBurst     = 100
)

func (r Rates) orDefault() Rates {
	if r.User == (Rate{}) {
		r.User = Rate{PerSecond: myna.MaxRequests, Burst: myna.MaxRequestsBurst}
	}
	if r.Address == (Rate{}) {
		r.Address = Rate{PerSecond: addressPerSecond, Burst: addressBurst}
	}
	return r
}

const (
	limiterShards = 16   // so that two requests seldom wait for one lock
	shardKeys     = 4096 // 64k keys in all, about 8 MiB, whatever addresses an attacker has
)

// limiter counts requests a key in bounded memory: a shard that is full forgets the keys that are at
// rest, and if there are none, any.
type limiter[K comparable] struct {
	rate   Rate
	now    func() time.Time
	seed   maphash.Seed
	shards [limiterShards]limiterShard[K]
}

type limiterShard[K comparable] struct {
	mu   sync.Mutex // guards keys
	keys map[K]*rate.Limiter
}

func newLimiter[K comparable](r Rate, now func() time.Time) *limiter[K] {
	l := &limiter[K]{rate: r, now: now, seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].keys = map[K]*rate.Limiter{}
	}
	return l
}

// take counts one request of key. The error is of kind Limited and says when to come back.
func (l *limiter[K]) take(key K) error {
	now := l.now()
	bucket := l.shards[maphash.Comparable(l.seed, key)%limiterShards].bucket(key, l.rate, now)
	if bucket.AllowN(now, 1) {
		return nil
	}
	wait := time.Duration((1 - bucket.TokensAt(now)) / l.rate.PerSecond * float64(time.Second))
	return myna.Errorf(myna.Limited, myna.CodeTooMany, "too many requests; wait a moment").After(wait)
}

func (s *limiterShard[K]) bucket(key K, r Rate, now time.Time) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.keys[key]; found != nil {
		return found
	}
	if len(s.keys) >= shardKeys {
		s.forget(now)
	}
	made := rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
	s.keys[key] = made
	return made
}

// forget looks at some keys and drops those that have their whole burst again, or else one key. It
// looks at few, so that a flood of new addresses costs little each.
func (s *limiterShard[K]) forget(now time.Time) {
	const looks = 32
	seen := 0
	for key, bucket := range s.keys { // in random order
		seen++
		if bucket.TokensAt(now) >= float64(bucket.Burst()) || seen == looks && len(s.keys) >= shardKeys {
			delete(s.keys, key)
		}
		if seen == looks {
			return
		}
	}
}

// bucket is what an address is counted by: itself, or for IPv6 the /64 that one customer has.
func bucket(at netip.Addr) string {
	if at.Is6() {
		if network, err := at.Prefix(64); err == nil {
			return network.String()
		}
	}
	return at.String()
}
