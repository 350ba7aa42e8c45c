package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/myna-chat/myna"
)

// beaconEvery is how often the counters of what is listened to are compared with the database, so that
// what another process wrote (the command line, another node whose hint was lost) comes through.
const beaconEvery = time.Second

// seenEvery is how often connected devices are noted as seen: a socket authenticates only once. Last-seen
// times need no more precision than that, and are written for all devices together.
const seenEvery = 5 * time.Minute

// noteSeen tells package auth which sessions are in use, until ctx ends.
func (s *Server) noteSeen(ctx context.Context) {
	tick := time.NewTicker(seenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.auth.Seen(s.hub.Connected()...)
		}
	}
}

// beacon hands the hub what other processes committed, until ctx ends.
func (s *Server) beacon(ctx context.Context) {
	tick := time.NewTicker(beaconEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.compare(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("the counters could not be compared with the database", "error", err)
		}
	}
}

// compare reads what moved without the hub and hands it over. What the journal is handing over at the
// same moment may come twice: the hub ignores what it has.
func (s *Server) compare(ctx context.Context) error {
	changed, err := s.db.ChangedElsewhere(ctx)
	if err != nil || !changed {
		return err
	}
	known := s.hub.Standing()
	scopes := slices.SortedFunc(maps.Keys(known), myna.Scope.Compare)
	heads, err := s.store.Heads(ctx, scopes)
	if err != nil {
		return err
	}
	for _, scope := range scopes {
		for after := known[scope]; after < heads[scope].Rev; {
			missed, err := s.store.ChangesOf(ctx, scope, after, myna.MaxPageSize)
			if err != nil {
				return err
			}
			if len(missed.Rows) == 0 {
				break
			}
			s.hub.Commit(missed.Rows)
			after = missed.Rows[len(missed.Rows)-1].Rev
		}
	}
	return nil
}
