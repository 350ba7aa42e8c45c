package load

import (
	"context"
	"fmt"
	"time"

	"github.com/myna-chat/myna/wire"
)

// This file holds the scenarios that look for the most a server can do.

const (
	slowest    = 500 * time.Millisecond // p99 above this is too slow
	stepLength = 5 * time.Second
	fineness   = 1.08 // the search ends when two rates are this close
)

// step is one rate that was tried.
type step struct {
	rate     float64
	span     span
	p50, p99 time.Duration
	good     bool
}

// crowdMax: the highest rate of messages in one crowd with p99 up to 500 ms. The rate is doubled until
// it is too much, then the gap is halved.
func crowdMax(ctx context.Context, r *run) error {
	r.result.Setting = fmt.Sprintf("1 room, %d online, highest rate of %d bytes with p99 ≤ %s", r.users, r.textLen, slowest)
	if err := r.setUp(ctx, wire.LoadRooms{Count: 1, Size: r.users}); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	pick := func(i int) (*conn, int32) { return conns[i*7919%len(conns)], 0 }
	var best step
	var bad float64
	for rate := max(r.rate, 50); rate <= maxRate && (bad == 0 || bad/best.rate > fineness && bad > 10); {
		st, err := r.try(ctx, rate, pick)
		if err != nil {
			return err
		}
		if st.good {
			best = st
		} else {
			bad = rate
		}
		if rate = best.rate * 2; bad != 0 {
			rate = (best.rate + bad) / 2
		}
	}
	if !best.good {
		r.result.note("even %.0f messages a second were too many", bad)
		return nil
	}
	r.result.figure("highest rate", best.rate, "messages/s", "")
	r.costs(best.span, "≤ 2.5")
	r.result.figure("p50 at that rate", float64(best.p50)/float64(time.Millisecond), "ms", "")
	r.result.figure("p99 at that rate", float64(best.p99)/float64(time.Millisecond), "ms", "≤ 500")
	r.result.note("deliveries a second to reach: ≥ 450,000 with 1,000 online")
	return nil
}

// try measures one rate and lets the server come to rest after it.
func (r *run) try(ctx context.Context, rate float64, pick func(i int) (*conn, int32)) (step, error) {
	length := min(stepLength, r.flags.For)
	r.progress.phase(fmt.Sprintf("%s: %.0f messages/s", r.scenario.name, rate), length)
	r.latency.reset()
	from, err := r.mark()
	if err != nil {
		return step{}, err
	}
	if err := r.openLoop(ctx, rate, length, pick); err != nil {
		return step{}, err
	}
	s, err := r.since(from)
	if err != nil {
		return step{}, err
	}
	held, refused := r.tally.Held-from.tally.Held, int64(0)
	for _, n := range r.tally.Refused {
		refused += n
	}
	resyncs := r.tally.Resyncs - from.tally.Resyncs
	if err := r.converge(ctx); err != nil { // what was late counts for the latency
		return step{}, err
	}
	st := step{rate: rate, span: s, p50: r.latency.quantile(0.5), p99: r.latency.quantile(0.99)}
	st.good = st.p99 <= slowest && held == 0 && resyncs == 0 && refused == r.refusedBefore
	r.refusedBefore = refused
	r.result.note("%.0f messages/s: %.0f deliveries/s, p50 %s, p99 %s, %.1f%% of a core, %.2f s a million%s",
		rate, s.deliveries/s.seconds, round(st.p50), round(st.p99), s.cpu/s.seconds*100, s.cpu/s.deliveries*1e6, tooMuch(st.good))
	return st, nil
}

func tooMuch(good bool) string {
	if good {
		return ""
	}
	return " (too much)"
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// send: the most messages stored a second in a closed loop, in one room of ten and in a hundred of two.
func send(ctx context.Context, r *run) error {
	if r.users == 0 {
		r.users = 210
	}
	r.users = max(r.users, 12)
	pairs := (r.users - 10) / 2
	r.users = 10 + 2*pairs
	r.result.Setting = fmt.Sprintf("messages of %d bytes stored a second, closed loop, p99 ≤ %s; 1 room of 10, then %d rooms of 2", r.textLen, slowest, pairs)
	groups := []wire.LoadRooms{{Count: 1, Size: 10}, {Count: pairs, Size: 2, First: 10}}
	if err := r.setUp(ctx, groups...); err != nil {
		return err
	}
	conns, err := r.connect(ctx, r.people)
	if err != nil {
		return err
	}
	one := make([]int32, 10)
	if err := r.mostStored(ctx, "1 room of 10", "≥ 14,000 SQLite, ≥ 5,000 others", conns[:10], one); err != nil {
		return err
	}
	many := make([]int32, 2*pairs)
	for i := range many {
		many[i] = int32(1 + i/2)
	}
	name := fmt.Sprintf("%d rooms of 2", pairs)
	return r.mostStored(ctx, name, "≥ 10,000 SQLite, ≥ 5,000 others", conns[10:], many)
}

// mostStored tries growing numbers of posts under way and reports the best.
func (r *run) mostStored(ctx context.Context, name, want string, senders []*conn, room []int32) error {
	tries := []int{64, 256, 1024, 4096}
	if r.flags.InFlight > 0 {
		tries = []int{r.flags.InFlight}
	}
	var best span
	var acks histogram
	under := 0
	for _, n := range tries {
		n = max(n, len(senders)) // at least one each
		r.progress.phase(fmt.Sprintf("send: %s, %d under way", name, n), min(stepLength, r.flags.For))
		s, err := r.closedLoop(ctx, n, senders, room)
		if err != nil {
			return err
		}
		r.result.note("%s, %d under way: %.0f/s, ack p50 %s, p99 %s", name, n, s.stored/s.seconds,
			round(r.ackLatency.quantile(0.5)), round(r.ackLatency.quantile(0.99)))
		if r.ackLatency.quantile(0.99) <= slowest && s.stored/s.seconds > best.stored/max(best.seconds, 1e-9) {
			best, acks, under = s, r.ackLatency, n
		}
	}
	if under == 0 {
		r.result.note("%s: every try had a p99 above %s", name, slowest)
		return nil
	}
	r.result.figure(name+": stored", best.stored/best.seconds, "/s", want)
	r.result.figure(name+": under way", float64(under), "", "")
	r.result.latencies(name+": ack", &acks, "")
	if r.server.pid != 0 {
		r.result.figure(name+": server CPU a message", best.cpu/best.stored*1e6, "µs", "")
	}
	if r.server.dbPID != 0 {
		r.result.figure(name+": database CPU a message", best.db/best.stored*1e6, "µs", "")
	}
	return nil
}

// closedLoop keeps n posts under way for a while: each answer is followed by the next post, a refusal
// after a short wait.
func (r *run) closedLoop(ctx context.Context, n int, senders []*conn, room []int32) (span, error) {
	length := min(stepLength, r.flags.For)
	end := r.now() + length
	seat := map[*conn]int32{}
	for i, c := range senders {
		seat[c] = room[i]
	}
	r.onAnswer = func(c *conn, _ int64, refused bool) {
		now := r.now()
		switch {
		case now >= end:
		case refused:
			r.late = append(r.late, resend{at: now + lateAfter, c: c, room: seat[c]})
		default:
			r.post(c, seat[c], now)
		}
	}
	defer func() { r.onAnswer = nil }()
	for i := range n {
		r.post(senders[i%len(senders)], room[i%len(senders)], r.now())
	}
	if err := r.pump(ctx, r.now()+length/5, nil); err != nil { // warm
		return span{}, err
	}
	r.ackLatency.reset()
	r.latency.reset()
	from, err := r.mark()
	if err != nil {
		return span{}, err
	}
	if err := r.pump(ctx, end, nil); err != nil {
		return span{}, err
	}
	s, err := r.since(from)
	if err != nil {
		return span{}, err
	}
	return s, r.converge(ctx)
}
