package load

import (
	"context"
	"fmt"
	"time"

	"github.com/myna-chat/myna/wire"
)

// This file holds the scenarios in which something goes wrong.

const stormMissed = 10 // messages each device misses while it is away

// storm: nine of ten devices are cut at once, miss ten messages each, and come back at once. The time
// runs from the first dial until everybody holds everything.
func storm(ctx context.Context, r *run) error {
	group := r.roomsOf(roomSize)
	r.result.Setting = fmt.Sprintf("%d rooms of %d, all but one of each cut at once and back, %d missed messages each", group.Count, group.Size, stormMissed)
	if err := r.setUp(ctx, group); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	var away []*conn
	stayer := make([]*conn, len(r.rooms))
	for room, members := range r.seats {
		stayer[room] = conns[members[0]]
		for _, i := range members[1:] {
			away = append(away, conns[i])
		}
	}
	r.progress.phase("storm: cut and talk", 0)
	for _, c := range away {
		r.cut(c)
		c.greeted = false
		c.gone = true // until it is back nobody waits for it
	}
	n := stormMissed * len(r.rooms)
	err = r.openLoop(ctx, 2000, time.Duration(n)*time.Second/2000, func(i int) (*conn, int32) {
		return stayer[i%len(stayer)], int32(i % len(stayer))
	})
	if err != nil {
		return err
	}
	if err := r.converge(ctx); err != nil {
		return err
	}
	r.progress.phase(fmt.Sprintf("storm: %d come back", len(away)), 0)
	from, err := r.mark()
	if err != nil {
		return err
	}
	for _, c := range away {
		c.gone = false
		r.reopen(c)
	}
	if err := r.converge(ctx); err != nil {
		return err
	}
	s, err := r.since(from)
	if err != nil {
		return err
	}
	r.result.figure("until all have everything", s.seconds, "s", "≤ 2.0 for 4,500")
	if r.server.pid != 0 {
		r.result.figure("server CPU a client", s.cpu/float64(len(away))*1000, "ms", "≤ 0.4")
	}
	r.result.figure("clients", float64(len(away)), "", "")
	r.result.figure("dials that had to be repeated", float64(r.tally.Retries), "", "")
	return nil
}

// slow: readers that never read beside good ones. The good ones' latency is compared with a stretch
// before, the memory with the number of slow ones; then they read again and must get everything.
func slow(ctx context.Context, r *run) error {
	lazy := max(r.users/10, 1)
	r.result.Setting = fmt.Sprintf("1 room of %d, of whom %d stop reading; %g messages/s of %d bytes for %s", r.users, lazy, r.rate, r.textLen, r.flags.For)
	if err := r.setUp(ctx, wire.LoadRooms{Count: 1, Size: r.users}); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	good := conns[lazy:]
	pick := func(i int) (*conn, int32) { return good[i%len(good)], 0 }
	r.progress.phase("slow: everybody reads", min(stepLength, r.flags.For))
	if err := r.openLoop(ctx, r.rate, min(stepLength, r.flags.For), pick); err != nil {
		return err
	}
	r.result.latencies("delivery, all reading", &r.latency, "")
	r.latency.reset()
	from, err := r.mark()
	if err != nil {
		return err
	}
	for _, c := range conns[:lazy] {
		c.redial = true // the server may end one that takes nothing for too long
		r.pause(c, true)
	}
	r.progress.phase("slow: some stop reading", r.flags.For)
	if err := r.openLoop(ctx, r.rate, r.flags.For, pick); err != nil {
		return err
	}
	s, err := r.since(from)
	if err != nil {
		return err
	}
	r.result.latencies("delivery, some not reading", &r.latency, "")
	if r.server.pid != 0 {
		r.result.figure("RSS a reader that never reads, at the most", s.grown/float64(lazy)/1000, "KB", "≤ 1,049")
	}
	r.progress.phase("slow: they read again", 0)
	for _, c := range conns[:lazy] {
		r.pause(c, false)
	}
	closed := r.tally.Closed
	if err := r.converge(ctx); err != nil {
		return err
	}
	r.result.figure("slow readers the server had closed", float64(r.tally.Closed-closed), "", "")
	r.result.figure("slow readers told to resync", float64(r.tally.Resyncs), "", "")
	return nil
}

const (
	overloadFactor   = 3
	overloadInFlight = 512 // posts under way while the capacity is looked for
)

// overload: three times what a closed loop reaches, in an open loop over rooms of two. What is refused
// must be refused with a clear code and not be stored; what is acknowledged must be there. Latency counts
// from the moment a post left, because a generator that shares the machine may not keep the rate.
func overload(ctx context.Context, r *run) error {
	group := r.roomsOf(2)
	if err := r.setUp(ctx, group); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	room := make([]int32, len(conns))
	for i := range room {
		room[i] = int32(i / group.Size)
	}
	r.progress.phase("overload: find the capacity", min(stepLength, r.flags.For))
	s, err := r.closedLoop(ctx, overloadInFlight, conns, room)
	if err != nil {
		return err
	}
	capacity := s.stored / s.seconds
	rate := min(overloadFactor*capacity, maxRate)
	r.result.Setting = fmt.Sprintf("%d rooms of %d, open loop at %.0f messages/s, %d times the capacity, for %s", group.Count, group.Size, rate, overloadFactor, r.flags.For)
	r.latency.reset()
	r.ackLatency.reset()
	from, err := r.mark()
	if err != nil {
		return err
	}
	r.progress.phase("overload: three times that", r.flags.For)
	begin := r.now()
	for i := range int(rate * r.flags.For.Seconds()) {
		if err := r.pump(ctx, begin+time.Duration(float64(i)/rate*float64(time.Second)), nil); err != nil {
			return err
		}
		if r.now()-begin > 2*r.flags.For {
			r.result.note("the generator gave up after %d posts: it cannot keep the rate", i)
			break
		}
		r.post(conns[i%len(conns)], room[i%len(conns)], r.now())
	}
	if s, err = r.since(from); err != nil {
		return err
	}
	r.progress.phase("overload: let it come to rest", 0)
	if err := r.converge(ctx); err != nil {
		return err
	}
	r.overloaded(capacity, rate, s, from)
	return nil
}

func (r *run) overloaded(capacity, rate float64, s span, from mark) {
	var refused int64
	for _, n := range r.tally.Refused {
		refused += n
	}
	r.result.figure("capacity", capacity, "/s", "")
	r.result.figure("wanted", rate, "/s", "")
	r.result.figure("offered", float64(r.tally.Sent-from.tally.Sent)/s.seconds, "/s", "")
	r.result.figure("stored", s.stored/s.seconds, "/s", "")
	r.result.figure("refused with a code", float64(refused), "", "")
	r.result.figure("held back by the socket", float64(r.tally.Held-from.tally.Held), "", "")
	r.result.latencies("ack of what was taken", &r.ackLatency, "")
	if r.server.pid != 0 {
		r.result.figure("server CPU", s.cpu/s.seconds*100, "% of a core", "")
		r.result.figure("RSS grown", s.grown/1e6, "MB", "")
	}
}
