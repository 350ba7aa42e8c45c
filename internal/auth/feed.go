package auth

import (
	"context"
	"sync"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/wire"
)

const (
	pollEvery  = 500 * time.Millisecond // a session ended by another process is dead within a second
	blindAfter = 3 * time.Second        // of polls that fail: then no socket is known to be somebody's still
	flushEvery = time.Minute
	sweepEvery = time.Hour

	// endOverlap is how far back each poll looks again: a transaction commits some time after the
	// moment it wrote into its rows, and another machine's clock may be behind ours.
	endOverlap = 10 * time.Second

	maxSeen = 200_000 // sessions noted between two flushes, 2 MiB; beyond it a minute's precision is lost

	endedKept = 90 * 24 * time.Hour // rows of ended sessions
	linksKept = 30 * 24 * time.Hour // rows of links that expired
)

// Run does what time brings until ctx ends: it tells OnEnd of sessions that other processes ended, writes
// down when sessions were last seen, ends those that expired, and removes rows nobody needs.
func (a *Auth) Run(ctx context.Context) {
	poll, flush, sweep := time.NewTicker(pollEvery), time.NewTicker(flushEvery), time.NewTicker(sweepEvery)
	defer poll.Stop()
	defer flush.Stop()
	defer sweep.Stop()
	failing := false
	for {
		var err error
		select {
		case <-ctx.Done():
			if err := a.flush(context.WithoutCancel(ctx)); err != nil {
				a.log.Error("last-seen times could not be written", "error", err)
			}
			return
		case <-poll.C:
			err = a.look(ctx)
		case <-flush.C:
			if err = a.flush(ctx); err == nil {
				err = a.expire(ctx)
			}
		case <-sweep.C:
			err = a.sweep(ctx)
		}
		if err != nil && !failing && ctx.Err() == nil {
			a.log.Error("sessions cannot be looked after", "error", err)
		}
		failing = err != nil
	}
}

// endFeed remembers which sessions OnEnd was told of, so that a poll that looks back does not tell again.
type endFeed struct {
	mu    sync.Mutex // guards told, until
	told  map[myna.SessionID]myna.Time
	until myna.Time // polls look from endOverlap before this on
}

func (f *endFeed) start(now myna.Time) {
	f.told = map[myna.SessionID]myna.Time{}
	f.until = now
}

// fresh keeps of the ids those that were not told of, and remembers them.
func (f *endFeed) fresh(ids []myna.SessionID, now myna.Time) []myna.SessionID {
	f.mu.Lock()
	defer f.mu.Unlock()
	var news []myna.SessionID
	for _, id := range ids {
		if _, told := f.told[id]; !told {
			news = append(news, id)
		}
		f.told[id] = now
	}
	return news
}

// since is where the next poll begins; what no poll can bring again is forgotten.
func (f *endFeed) since() myna.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, at := range f.told {
		if at < f.until.Add(-2*endOverlap) {
			delete(f.told, id)
		}
	}
	return f.until.Add(-endOverlap)
}

// reached notes that a poll saw everything up to now; which may be less than before, if the clock was set
// back: what ends from then on carries the new time.
func (f *endFeed) reached(now myna.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = now
}

// ended tells OnEnd of sessions whose end was committed.
func (a *Auth) ended(ids []myna.SessionID, code int) {
	if news := a.ends.fresh(ids, myna.TimeOf(a.now())); len(news) > 0 {
		a.onEnd(news, code)
	}
}

// look polls, and calls OnBlind when polls have failed for too long.
func (a *Auth) look(ctx context.Context) error {
	err := a.poll(ctx)
	if ctx.Err() == nil && a.sight.lost(err, a.now()) {
		a.log.Error("it cannot be seen which sessions ended: all connections are closed", "error", err)
		a.onBlind()
	}
	return err
}

// sight is for how long polls have failed.
type sight struct {
	since time.Time // of the first failure since the last success; zero for none
	told  bool
}

// lost takes a poll's outcome and says, once, that polls have failed for blindAfter. A poll that is slow,
// also one that SQLite gave up because others were busy, is no failure: what other processes write is
// there to be read the moment they are done.
func (s *sight) lost(err error, now time.Time) bool {
	switch {
	case err == nil:
		*s = sight{}
		return false
	case sqldb.IsBusy(err):
		return false
	case s.since.IsZero():
		s.since = now
	}
	if s.told || now.Sub(s.since) < blindAfter {
		return false
	}
	s.told = true
	return true
}

// poll looks for sessions that ended since the last look.
func (a *Auth) poll(ctx context.Context) error {
	now := myna.TimeOf(a.now())
	rows, err := a.store.EndedSince(ctx, a.ends.since())
	if err != nil {
		return err
	}
	var ended, disabled []myna.SessionID
	for _, r := range rows {
		if r.Disabled {
			disabled = append(disabled, r.ID)
		} else {
			ended = append(ended, r.ID)
		}
	}
	a.ended(ended, wire.CloseSessionEnded)
	a.ended(disabled, wire.CloseDisabled)
	a.ends.reached(now)
	return nil
}

// seenSessions gathers which sessions were seen, for one statement a minute.
type seenSessions struct {
	mu  sync.Mutex // guards ids
	ids map[myna.SessionID]struct{}
}

func (s *seenSessions) note(id myna.SessionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[myna.SessionID]struct{}{}
	}
	if len(s.ids) < maxSeen {
		s.ids[id] = struct{}{}
	}
}

func (s *seenSessions) take() []myna.SessionID {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]myna.SessionID, 0, len(s.ids))
	for id := range s.ids {
		ids = append(ids, id)
	}
	s.ids = nil
	return ids
}

// Seen notes that sessions are in use; for live connections, which authenticate only once.
func (a *Auth) Seen(ids ...myna.SessionID) {
	for _, id := range ids {
		a.seen.note(id)
	}
}

// flush writes down which sessions were seen since the last flush. If that fails they are lost, and the
// next request of each brings it back.
func (a *Auth) flush(ctx context.Context) error {
	ids := a.seen.take()
	if len(ids) == 0 {
		return nil
	}
	return a.db.Update(ctx, func(tx *sqldb.Tx) error {
		return store.TouchSessions(ctx, tx, ids, myna.TimeOf(a.now()))
	})
}

// expire ends the sessions whose time is over, so that their live connections end as well.
func (a *Auth) expire(ctx context.Context) error {
	now := myna.TimeOf(a.now())
	ids, err := a.store.Expired(ctx, now, now.Add(-BrowserIdle), now.Add(-APIIdle))
	if err != nil || len(ids) == 0 {
		return err
	}
	err = a.db.Update(ctx, func(tx *sqldb.Tx) error { return store.EndEach(ctx, tx, ids, now) })
	if err == nil {
		a.ended(ids, wire.CloseSessionEnded)
	}
	return err
}

// sweep removes rows nobody needs any more.
func (a *Auth) sweep(ctx context.Context) error {
	now := myna.TimeOf(a.now())
	return a.db.Update(ctx, func(tx *sqldb.Tx) error {
		if err := store.DeleteEnded(ctx, tx, now.Add(-endedKept)); err != nil {
			return err
		}
		if err := store.DeleteLinks(ctx, tx, now.Add(-linksKept)); err != nil {
			return err
		}
		return store.ForgetUnknown(ctx, tx, now.Add(-forgetAfter))
	})
}
