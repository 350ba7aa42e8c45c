package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// background is goroutines with one end: stop ends their context and waits for them.
type background struct {
	cancel context.CancelFunc
	group  sync.WaitGroup
}

func start(run ...func(ctx context.Context)) *background {
	ctx, cancel := context.WithCancel(context.Background())
	b := &background{cancel: cancel}
	for _, r := range run {
		b.group.Go(func() { r(ctx) })
	}
	return b
}

func (b *background) stop() {
	b.cancel()
	b.group.Wait()
}

// Run serves until ctx ends, then stops in order: nothing new is let in; connected clients are told when
// to come back and sent away; what is queued is written; the database is closed. It returns the error
// that ended it early, or nil.
func (s *Server) Run(ctx context.Context) error {
	defer s.close()
	hub := start(s.hub.Run)
	defer hub.stop()
	writer := start(s.journal.Run)
	defer writer.stop() // before the hub: what it still commits is handed over
	keepers := start(s.auth.Run, s.beacon, s.noteSeen)
	defer keepers.stop()

	failed := make(chan error, 2)
	var listeners sync.WaitGroup
	listeners.Go(func() { failed <- s.servePublic() })
	if s.private != nil {
		listeners.Go(func() { failed <- serving(s.private.Serve(s.second)) })
	}
	err := s.greet(ctx)
	if ctx.Err() != nil {
		err = nil // told to stop before it had said good day
	}
	if err == nil {
		select {
		case <-ctx.Done():
			s.log.Info("stopping")
		case err = <-failed:
		}
	}
	s.shutDown()
	listeners.Wait()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (s *Server) servePublic() error {
	if s.public.TLSConfig != nil {
		return serving(s.public.ServeTLS(s.listener, "", ""))
	}
	return serving(s.public.Serve(s.listener))
}

// shutDown lets nothing new in and sends everybody away.
func (s *Server) shutDown() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { s.sockets.Close(ctx) })
	all.Go(func() {
		err := s.public.Shutdown(ctx)
		if s.private != nil {
			err = errors.Join(err, s.private.Close()) // a scrape under way is no reason to wait
		}
		if err != nil {
			s.log.Warn("some requests did not end in time", "error", err)
		}
	})
	all.Wait()
}
