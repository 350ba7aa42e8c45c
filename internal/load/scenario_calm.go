package load

import (
	"context"
	"fmt"
	"time"

	"github.com/myna-chat/myna/wire"
)

// roomsOf is how the people of a scenario are spread over rooms of a size, nobody in two.
func (r *run) roomsOf(size int) wire.LoadRooms {
	size = min(size, r.users)
	r.users -= r.users % size
	return wire.LoadRooms{Count: r.users / size, Size: size}
}

const roomSize = 10

// idle: what a connection costs that only listens. The memory is the growth of the server's resident
// set from a warmed-up process, after collections, over the number of connections.
func idle(ctx context.Context, r *run) error {
	group := r.roomsOf(roomSize)
	r.result.Setting = fmt.Sprintf("%d connections in %d rooms of %d", r.users, group.Count, group.Size)
	if err := r.setUp(ctx, group); err != nil {
		return err
	}
	if err := r.server.restart(ctx); err != nil {
		return err
	}
	if err := r.retarget(); err != nil {
		return err
	}
	warm, err := r.connect(ctx, r.people[:max(r.users/100, group.Size)])
	if err != nil {
		return err
	}
	for i := range 100 {
		seat := i % len(warm) / group.Size * group.Size
		r.post(warm[seat], int32(seat/group.Size), r.now())
	}
	if err := r.converge(ctx); err != nil {
		return err
	}
	for _, c := range warm {
		r.leave(c)
	}
	before, _, err := r.settle(ctx)
	if err != nil {
		return err
	}
	from, err := r.mark()
	if err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	s, err := r.since(from)
	if err != nil {
		return err
	}
	n := float64(len(conns))
	after, _, err := r.settle(ctx)
	if err != nil {
		return err
	}
	if r.server.pid != 0 {
		r.result.figure("RSS a connection", float64(after-before)/n/1000, "KB", "≤ 8, try ≤ 6")
		r.result.figure("CPU to accept one", s.cpu/n*1000, "ms", "≤ 0.25")
	}
	r.result.figure("connections accepted", n/s.seconds, "/s", "")
	if err := r.watch(ctx); err != nil {
		return err
	}
	return r.sayOnce(ctx, conns, before)
}

// watch measures the CPU while nothing happens but pings.
func (r *run) watch(ctx context.Context) error {
	r.progress.phase("idle: watch the CPU", r.flags.Idle)
	from, err := r.mark()
	if err != nil {
		return err
	}
	if err := r.pump(ctx, r.now()+r.flags.Idle, nil); err != nil {
		return err
	}
	s, err := r.since(from)
	if err == nil && r.server.pid != 0 {
		r.result.figure("CPU while idle", s.cpu/s.seconds*100, "% of a core", "≤ 2")
	}
	return err
}

// sayOnce has every room hear one message: everybody is really there, and memory after it is told.
func (r *run) sayOnce(ctx context.Context, conns []*conn, before int64) error {
	r.latency.reset()
	err := r.openLoop(ctx, 1000, time.Duration(len(r.rooms))*time.Millisecond, func(i int) (*conn, int32) {
		return conns[r.seats[i][0]], int32(i)
	})
	if err != nil {
		return err
	}
	if err := r.converge(ctx); err != nil {
		return err
	}
	after, _, err := r.settle(ctx)
	if err == nil && r.server.pid != 0 {
		r.result.figure("RSS a connection after a message each", float64(after-before)/float64(len(conns))/1000, "KB", "")
	}
	return err
}

// leave closes a device for good.
func (r *run) leave(c *conn) {
	r.cut(c)
	c.gone = true
	r.tally.Closed++
}

// crowd: one room, everybody online, a steady rate: what a delivery costs.
func crowd(ctx context.Context, r *run) error {
	r.result.Setting = fmt.Sprintf("1 room, %d online, %g messages/s of %d bytes for %s", r.users, r.rate, r.textLen, r.flags.For)
	if err := r.setUp(ctx, wire.LoadRooms{Count: 1, Size: r.users}); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	return r.steady(ctx, "≤ 12", "", func(i int) (*conn, int32) { return conns[i*7919%len(conns)], 0 })
}

// rooms: many small rooms, a steady rate over all of them.
func rooms(ctx context.Context, r *run) error {
	group := r.roomsOf(roomSize)
	r.result.Setting = fmt.Sprintf("%d rooms of %d, %g messages/s in all, of %d bytes, for %s", group.Count, group.Size, r.rate, r.textLen, r.flags.For)
	if err := r.setUp(ctx, group); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	return r.steady(ctx, "≤ 35", "≤ 2", func(i int) (*conn, int32) {
		room := i * 7919 % len(r.rooms)
		members := r.seats[room]
		return conns[members[i/len(r.rooms)%len(members)]], int32(room)
	})
}

// steady warms up, then measures a stretch at the scenario's rate.
func (r *run) steady(ctx context.Context, cpu, p50 string, pick func(i int) (*conn, int32)) error {
	r.progress.phase(r.scenario.name+": measure", warmUp+r.flags.For)
	if err := r.openLoop(ctx, r.rate, min(warmUp, r.flags.For), pick); err != nil {
		return err
	}
	r.latency.reset()
	r.ackLatency.reset()
	from, err := r.mark()
	if err != nil {
		return err
	}
	if err := r.openLoop(ctx, r.rate, r.flags.For, pick); err != nil {
		return err
	}
	s, err := r.since(from)
	if err != nil {
		return err
	}
	r.costs(s, cpu)
	if err := r.converge(ctx); err != nil {
		return err
	}
	r.result.latencies("delivery", &r.latency, p50)
	r.result.latencies("ack", &r.ackLatency, "")
	return nil
}
