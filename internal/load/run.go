package load

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/myna-chat/myna/client"
	"github.com/myna-chat/myna/wire"
)

const (
	connectWait  = 2 * time.Minute
	convergeWait = 60 * time.Second
	warmUp       = 2 * time.Second // traffic before the measured stretch
	stillness    = 500 * time.Millisecond
)

// run is one scenario under way.
type run struct {
	*fleet
	flags    Flags
	scenario scenario
	server   *server
	progress *progress
	result   *Result
	users    int
	rate     float64
	people   []wire.LoadUser
	seats    [][]int // by room: indices into people

	refusedBefore int64 // posts refused in earlier steps of a search
}

func (r *run) status() string {
	return fmt.Sprintf("%d online, %d sent, %d delivered, p99 %s",
		r.tally.Opened-r.tally.Closed, r.tally.Sent, r.tally.Deliveries, r.latency.quantile(0.99).Round(10*time.Microsecond))
}

// retarget follows a server that was started anew to its new address.
func (r *run) retarget() error {
	t, err := targetOf(r.server.base)
	if err != nil {
		return err
	}
	r.target = t
	r.api, err = client.New(r.server.base.String(), "", &http.Client{Timeout: setupWait})
	return err
}

// setUp makes the people and rooms through the bulk route.
func (r *run) setUp(ctx context.Context, groups ...wire.LoadRooms) error {
	r.progress.phase(fmt.Sprintf("%s: make %d people and their rooms", r.scenario.name, r.users), 0)
	made, err := client.Call[wire.LoadMade](ctx, r.api, http.MethodPost, "load", nil, wire.CreateLoad{Users: r.users, Rooms: groups})
	if err != nil {
		return fmt.Errorf("make people and rooms (was the server started with --allow-load-test?): %w", err)
	}
	r.people = append(r.people, made.Users...)
	for _, room := range made.Rooms {
		index := r.addRoom(room.ID)
		r.roomOf[room.ID.String()] = index
		r.seats = append(r.seats, room.Members)
	}
	if r.server.pid == 0 {
		r.server.pid = made.PID
	}
	return nil
}

// connect brings people online and waits until all were greeted.
func (r *run) connect(ctx context.Context, people []wire.LoadUser) ([]*conn, error) {
	r.progress.phase(fmt.Sprintf("%s: connect %d", r.scenario.name, len(people)), 0)
	conns := make([]*conn, len(people))
	for i, p := range people {
		conns[i] = r.join(p.Token)
	}
	err := r.pump(ctx, r.now()+connectWait, func() bool { return r.gathered(conns) })
	if err == nil && !r.gathered(conns) {
		err = fmt.Errorf("not everybody was greeted within %s", connectWait)
	}
	return conns, err
}

// gathered says whether everybody has been greeted or has given up.
func (r *run) gathered(conns []*conn) bool {
	for _, c := range conns {
		if !c.greeted && !c.gone {
			return false
		}
	}
	return true
}

// converge lets everything come to rest: what is not there then is lost.
func (r *run) converge(ctx context.Context) error {
	return r.pump(ctx, r.now()+convergeWait, r.settled)
}

// openLoop posts at a fixed rate whatever the answers do. A message counts from the moment it was due,
// so that a generator or server that falls behind shows in the latency.
func (r *run) openLoop(ctx context.Context, rate float64, length time.Duration, pick func(i int) (*conn, int32)) error {
	begin := r.now()
	for i := range int(rate * length.Seconds()) {
		due := begin + time.Duration(float64(i)/rate*float64(time.Second))
		if err := r.pump(ctx, due, nil); err != nil {
			return err
		}
		c, room := pick(i)
		r.post(c, room, due)
	}
	return r.pump(ctx, begin+length, nil)
}

// mark is where everything stood at a moment.
type mark struct {
	at      time.Duration
	cpu, db time.Duration
	own     time.Duration // CPU of this generator
	rss     int64
	tally   tally
}

func (r *run) mark() (mark, error) {
	m := mark{at: r.now(), tally: r.tally}
	var err error
	if m.cpu, err = cpuOf(r.server.pid); err != nil {
		return m, err
	}
	if m.own, err = cpuOf(os.Getpid()); err != nil {
		return m, err
	}
	if m.db, err = cpuOfTree(r.server.dbPID); err != nil {
		return m, err
	}
	if r.server.pid != 0 {
		m.rss, _, err = memoryOf(r.server.pid)
	}
	return m, err
}

// span is what happened between two marks.
type span struct {
	seconds    float64
	cpu, db    float64 // seconds
	own        float64
	deliveries float64
	stored     float64
	grown      float64 // bytes
}

func (r *run) since(a mark) (span, error) {
	b, err := r.mark()
	return span{
		seconds: (b.at - a.at).Seconds(), cpu: (b.cpu - a.cpu).Seconds(), db: (b.db - a.db).Seconds(),
		own:        (b.own - a.own).Seconds(),
		deliveries: float64(b.tally.Deliveries - a.tally.Deliveries), stored: float64(b.tally.Stored - a.tally.Stored),
		grown: float64(b.rss - a.rss),
	}, err
}

// costs puts the figures of a stretch with deliveries into the result.
func (r *run) costs(s span, want string) {
	res := r.result
	res.figure("deliveries a second", s.deliveries/s.seconds, "/s", "")
	res.figure("messages a second", s.stored/s.seconds, "/s", "")
	if r.server.pid != 0 {
		res.figure("server CPU a million deliveries", s.cpu/s.deliveries*1e6, "s", want)
		res.figure("server CPU", s.cpu/s.seconds*100, "% of a core", "")
		res.figure("server CPU a message", s.cpu/s.stored*1e6, "µs", "")
	}
	if r.server.dbPID != 0 {
		res.figure("database CPU a million deliveries", s.db/s.deliveries*1e6, "s", "")
	}
	res.figure("generator CPU a million deliveries", s.own/s.deliveries*1e6, "s", "")
}

// settle waits until the server's memory has stopped moving after a collection.
func (r *run) settle(ctx context.Context) (rss, anon int64, err error) {
	if r.server.pid == 0 {
		return 0, 0, nil
	}
	r.progress.phase(r.scenario.name+": wait for memory to settle", settleMax)
	end := r.now() + settleMax
	if err := r.collect(ctx); err != nil {
		return 0, 0, err
	}
	for still := 0; still < 4 && r.now() < end; {
		before := rss
		if err := r.pump(ctx, r.now()+stillness, nil); err != nil {
			return 0, 0, err
		}
		if rss, anon, err = memoryOf(r.server.pid); err != nil {
			return 0, 0, err
		}
		if still++; max(rss-before, before-rss) > rss/200 {
			still = 0
		}
	}
	return rss, anon, nil
}

// collect has the server collect its garbage while the connections go on being served.
func (r *run) collect(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.server.collect(ctx)
	}()
	return r.pump(ctx, r.now()+settleMax, func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}
