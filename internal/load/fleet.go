package load

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/myna-chat/myna/client"
	"github.com/myna-chat/myna/wire"
)

const (
	readBuffer     = 256 << 10 // shared by all connections: one read empties a socket's backlog
	mostFrame      = 16 << 20  // a page of the largest messages fits; more is a fault
	mostUnsent     = 256 << 10 // bytes a connection may owe the server before posts on it are held back
	dialWindow     = 512       // handshakes under way: below any listen backlog
	sampleEvery    = 1024      // deliveries between two that are decoded fully
	breath         = time.Millisecond
	progressPeriod = 250 * time.Millisecond
	lateAfter      = 20 * time.Millisecond // a duplicate comes after the first answer, most often
	mostAttempts   = 8                     // dials of one connection
)

// A fleet is all connections of a run and what they saw. One goroutine owns it: a scenario calls pump
// to let time pass and everything happens inside that call.
type fleet struct {
	*checker
	poll   *poller
	target target
	api    *client.API // for history behind a reset
	conns  []*conn
	byFD   []*conn
	buf    []byte
	frame  []byte // scratch for a frame to be sent
	body   []byte
	began  time.Time
	polled time.Duration // when the sockets were last looked at
	asked  time.Duration // when to ask next whether a pump is done
	salt   string
	filler []byte
	roomOf map[string]int32
	loaded []*pages // history by room, for devices that were reset
	rng    *mathrand.Rand

	dirty      []*conn // to be flushed
	waiting    []*conn // to be dialled
	dialling   int
	late       []resend // duplicates to be sent later
	duplicates float64

	latency    histogram // due → each delivery
	ackLatency histogram // due → ack
	tally      tally
	sample     int
	refs       int64 // of fetches
	textLen    int
	onAnswer   func(c *conn, number int64, refused bool)
	progress   func()
	progressAt time.Duration
}

// tally counts what happened; a scenario takes two copies and subtracts.
type tally struct {
	Sent, Duplicates, Acks, Deliveries, Fetched int64
	Stored                                      int64            // messages with an ack
	Refused                                     map[string]int64 // posts answered with an error, by code
	Held                                        int64            // posts not sent because the server had stopped reading
	Resyncs, Resets, Gaps, Repeats              int64
	Opened, Retries, Closed                     int64
	Bytes                                       int64
	Lag                                         time.Duration // the most that the generator itself was late
}

// target is where the connections go.
type target struct {
	addr [4]byte
	port int
	host string
	path string // of the live endpoint
}

// resend is a post that waits for its moment: a duplicate, or after a refusal a new one (number 0).
type resend struct {
	at     time.Duration
	c      *conn
	room   int32
	number int64
}

func newFleet(api *client.API, base *url.URL) (*fleet, error) {
	t, err := targetOf(base)
	if err != nil {
		return nil, err
	}
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	f := &fleet{
		checker: newChecker(), poll: p, target: t, api: api, buf: make([]byte, readBuffer),
		began: time.Now(), roomOf: map[string]int32{},
	}
	var seed [32]byte
	_, _ = rand.Read(seed[:])
	f.rng = mathrand.New(mathrand.NewChaCha8(seed))
	for range 8 {
		f.salt += string(crockfordDigits[f.rng.IntN(32)])
	}
	f.tally.Refused = map[string]int64{}
	f.setTextLen(defaultBytes)
	return f, nil
}

// targetOf refuses everything that is not plain HTTP on an IPv4 loopback address: a load generator must
// not be pointed at somebody else's machine, not even by mistake.
func targetOf(base *url.URL) (target, error) {
	host := base.Hostname()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	var t target
	if _, err := fmt.Sscanf(host, "%d.%d.%d.%d", &t.addr[0], &t.addr[1], &t.addr[2], &t.addr[3]); err != nil ||
		t.addr[0] != 127 || fmt.Sprintf("%d.%d.%d.%d", t.addr[0], t.addr[1], t.addr[2], t.addr[3]) != host {
		return t, fmt.Errorf("myna load drives only servers on this machine: give an address like http://127.0.0.1:8080, not %s", base.Redacted())
	}
	if base.Scheme != "http" {
		return t, fmt.Errorf("myna load speaks plain HTTP: give an http:// address, not %s", base.Redacted())
	}
	port := base.Port()
	if port == "" {
		port = "80"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return t, fmt.Errorf("%q is not a port", port)
	}
	t.port, t.host = int(n), base.Host
	t.path = "/" + strings.TrimPrefix(base.JoinPath("api/v1/live").EscapedPath(), "/")
	return t, nil
}

func (f *fleet) close() {
	for _, c := range f.conns {
		f.cut(c)
	}
	f.poll.close()
}

// now is the time since the run began.
func (f *fleet) now() time.Duration { return time.Since(f.began) }

func (f *fleet) setTextLen(n int) {
	f.textLen = n
	f.filler = bytes.Repeat([]byte("myna talks "), n/11+1)[:n]
	f.filler[n-1] = '.'
}

// join makes a connection for a user of the set-up; it is dialled by the next pump.
func (f *fleet) join(token string) *conn {
	c := &conn{fd: -1, token: token, index: len(f.conns)}
	f.conns = append(f.conns, c)
	f.waiting = append(f.waiting, c)
	return c
}

// pump lets everything happen until the moment has come or done says so. It gives the context's error
// when that ends first.
func (f *fleet) pump(ctx context.Context, until time.Duration, done func() bool) error {
	for {
		now := f.now()
		if now >= until && now-f.polled < breath {
			return nil
		}
		if done != nil && now >= f.asked {
			if f.asked = now + breath; done() {
				return nil
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.progress != nil && now >= f.progressAt {
			f.progressAt = now + progressPeriod
			f.progress()
		}
		f.dialSome(now)
		f.sendLate(now)
		wake := f.nextWake(now)
		if done != nil {
			wake = min(wake, breath)
		}
		if err := f.turn(min(until-now, wake)); err != nil {
			return err
		}
		if now >= until {
			return nil
		}
	}
}

// nextWake bounds a sleep by what else is due.
func (f *fleet) nextWake(now time.Duration) time.Duration {
	wake := 50 * time.Millisecond
	if len(f.late) > 0 {
		wake = min(wake, f.late[0].at-now)
	}
	if len(f.waiting) > 0 && f.dialling < dialWindow {
		wake = min(wake, max(f.waiting[0].dialAt-now, 0))
	}
	return wake
}

// turn waits once and serves what is ready.
func (f *fleet) turn(timeout time.Duration) error {
	f.flush()
	n, err := f.poll.wait(timeout)
	if err != nil {
		return fmt.Errorf("wait for the sockets: %w", err)
	}
	f.polled = f.now()
	for i := range n {
		r := f.poll.at(i)
		c := f.byFD[r.fd]
		if c == nil {
			continue
		}
		if r.write {
			f.writable(c)
		}
		if r.read && c.fd == r.fd {
			f.readable(c)
		}
	}
	f.flush()
	return nil
}

func (f *fleet) dialSome(now time.Duration) {
	for len(f.waiting) > 0 && f.dialling < dialWindow {
		c := f.waiting[0]
		if c.dialAt > now {
			return
		}
		f.waiting = f.waiting[1:]
		if c.state == stateClosed && !c.gone {
			f.dial(c)
		}
	}
}

func (f *fleet) sendLate(now time.Duration) {
	for len(f.late) > 0 && f.late[0].at <= now {
		r := f.late[0]
		f.late = f.late[1:]
		switch {
		case r.c.state != stateOpen:
		case r.number == 0:
			f.post(r.c, r.room, now)
		default:
			f.again(r.c, r.number)
		}
	}
}

// post says something in a room; due is when it was meant to be said. It gives the message's number, 0
// if it was held back because the server does not read.
func (f *fleet) post(c *conn, room int32, due time.Duration) int64 {
	f.tally.Lag = max(f.tally.Lag, f.now()-due)
	if c.state != stateOpen || len(c.out) > mostUnsent {
		f.tally.Held++
		return 0
	}
	number := f.send(room, int64(due))
	f.tally.Sent++
	c.pending = append(c.pending, number)
	f.writePost(c, number)
	if f.duplicates > 0 && f.rng.Float64() < f.duplicates {
		if f.rng.IntN(2) == 0 {
			f.again(c, number)
		} else {
			f.late = append(f.late, resend{at: f.now() + lateAfter, c: c, number: number})
		}
	}
	return number
}

// again sends a message once more with the same nonce, as a client does that never saw the answer.
func (f *fleet) again(c *conn, number int64) {
	f.resend(number)
	f.tally.Duplicates++
	c.pending = append(c.pending, number)
	f.writePost(c, number)
}

func (f *fleet) writePost(c *conn, number int64) {
	m := &f.messages[number]
	b := append(f.body[:0], `{"type":"`+wire.FramePost+`","nonce":"`...)
	b = appendNonce(b, f.began.UnixMilli()+m.due/int64(time.Millisecond), f.salt, number)
	b = append(b, `","room":"`...)
	b = append(b, f.rooms[m.room].name...)
	b = append(b, `","text":"`...)
	b = append(b, f.filler...)
	b = append(b, `"}`...)
	f.body = b
	f.write(c, opText, b)
}

// settled says that nothing is under way: every live listener holds everything known, every post on a
// live connection is answered.
func (f *fleet) settled() bool {
	if len(f.late) > 0 {
		return false
	}
	for _, c := range f.conns {
		if c.gone || c.paused {
			continue
		}
		if c.state != stateOpen || !c.greeted || len(c.pending) > 0 {
			return false
		}
		for i := range c.follows {
			if c.follows[i].fetching || !f.converged(&c.follows[i].journal) {
				return false
			}
		}
	}
	return true
}

// listeners are the journals that must be complete at the end.
func (f *fleet) listeners() []*journal {
	var js []*journal
	for _, c := range f.conns {
		if c.gone {
			continue
		}
		for i := range c.follows {
			js = append(js, &c.follows[i].journal)
		}
	}
	return js
}
