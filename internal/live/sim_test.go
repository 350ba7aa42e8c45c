package live

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// client is a device that follows the rules of the protocol: one cursor a scope, apply the next, ignore
// the past, fetch at a gap.
type client struct {
	*device
	t       *testing.T
	w       *world
	strict  bool // no change comes from history, so that membership is checked rev by rev
	cursors map[myna.Scope]int64
	rows    map[myna.Scope]map[string]int64 // key of a row → its rev
}

func (c *client) user() myna.UserID { return c.who.User }

// work applies what came.
func (c *client) work() {
	for _, f := range c.take() {
		switch f.Type {
		case wire.FrameReady, wire.FrameResync:
			for s, head := range f.Heads {
				if c.cursors[s] < head {
					c.fetch(s)
				}
			}
		case wire.FrameChange:
			c.change(f)
		}
	}
}

func (c *client) change(f received) {
	if f.Scope.Kind == myna.RoomKindScope && !c.w.mayHave(myna.RoomID(f.Scope.ID), c.user(), f.Rev, !c.strict) {
		c.t.Errorf("%s got rev %d of %s, which it may not have: %v", c.user(), f.Rev, f.Scope, c.w.places)
	}
	at, known := c.cursors[f.Scope]
	switch {
	case !known && f.Scope.Kind == myna.RoomKindScope:
		return // loaded when the own membership comes
	case f.Rev <= at:
	case f.Rev == at+1:
		c.apply(f.Scope, f.Rev, f.Kind, f.Row)
		c.cursors[f.Scope] = f.Rev
	default:
		c.fetch(f.Scope)
	}
}

func (c *client) apply(s myna.Scope, rev int64, kind myna.RowKind, row json.RawMessage) {
	var r struct {
		Room myna.RoomID
		Seq  int64
		User myna.UserID
		Left bool
	}
	if err := json.Unmarshal(row, &r); err != nil {
		c.t.Fatal(err)
	}
	key := string(kind)
	switch kind {
	case myna.KindMessage:
		key = fmt.Sprint("message ", r.Seq)
	case myna.KindMember:
		key = fmt.Sprint("member ", r.User)
	case myna.KindMembership:
		key = fmt.Sprint("membership ", r.Room)
	}
	c.put(s, key, rev)
	if kind == myna.KindMembership {
		c.membership(r.Room, !r.Left)
	}
}

func (c *client) put(s myna.Scope, key string, rev int64) {
	if c.rows[s] == nil {
		c.rows[s] = map[string]int64{}
	}
	c.rows[s][key] = max(c.rows[s][key], rev)
}

func (c *client) membership(room myna.RoomID, in bool) {
	if in {
		c.fetch(room.Scope())
		return
	}
	delete(c.cursors, room.Scope())
	delete(c.rows, room.Scope())
}

// fetch does what the server's fetch does: rows and head in one snapshot, refused to who is not in.
func (c *client) fetch(s myna.Scope) {
	c.w.mu.Lock()
	if s.Kind == myna.RoomKindScope && !c.w.in(myna.RoomID(s.ID), c.user()) {
		c.w.mu.Unlock()
		return
	}
	rows, head := c.w.afterLocked(s, c.cursors[s]), c.w.revs[s]
	c.w.mu.Unlock()
	c.cursors[s] = head
	for _, row := range rows {
		c.put(s, rowKey(row.Row), row.Rev)
		if m, ok := row.Row.(myna.Membership); ok {
			c.membership(m.Room, !m.Left)
		}
	}
}

// expect compares what the client has with what the database has for it.
func (c *client) expect() {
	c.t.Helper()
	want := map[myna.Scope]map[string]int64{}
	c.w.mu.Lock()
	for s, rows := range c.w.rows {
		if s.Kind == myna.UserKind && s != c.user().Scope() ||
			s.Kind == myna.RoomKindScope && !c.w.in(myna.RoomID(s.ID), c.user()) {
			continue
		}
		want[s] = map[string]int64{}
		for key, row := range rows {
			want[s][key] = row.Rev
		}
	}
	c.w.mu.Unlock()
	if diff := cmp.Diff(want, c.rows); diff != "" {
		c.t.Errorf("%s has not what the server has (-want +got):\n%s", c.user(), diff)
	}
}

// faults of the way between journal and hub: what a bus may do to hints.
type faults struct {
	drop, double, delay float64
}

// hints passes commits on to the hub, with faults.
type hints struct {
	h    *Hub
	rng  *rand.Rand
	f    faults
	held [][]myna.Change
}

func (n *hints) pass(changes []myna.Change) {
	if len(changes) == 0 {
		return
	}
	for _, c := range changes { // a bus may carry the scopes of one commit apart
		one := []myna.Change{c}
		switch r := n.rng.Float64(); {
		case r < n.f.drop:
		case r < n.f.drop+n.f.delay:
			n.held = append(n.held, one)
		case r < n.f.drop+n.f.delay+n.f.double:
			n.held = append(n.held, one)
			n.h.Commit(one)
		default:
			n.h.Commit(one)
		}
	}
	if len(n.held) > 0 && n.rng.Float64() < 0.3 {
		n.release()
	}
}

func (n *hints) release() {
	n.rng.Shuffle(len(n.held), func(i, j int) { n.held[i], n.held[j] = n.held[j], n.held[i] })
	for _, changes := range n.held {
		n.h.Commit(changes)
	}
	n.held = nil
}

// TestConvergence lets people talk, come and go, and devices connect and vanish, while hints are lost,
// doubled and reordered. At the end, unless nothing was lost, one more change of each scope comes through, and every device must
// have what the database has. At no time may a device get a row of a room its person was out of.
func TestConvergence(t *testing.T) {
	plans := map[string]faults{
		"in order":  {},
		"doubled":   {double: 0.3},
		"reordered": {delay: 0.3},
		"dropped":   {drop: 0.3},
		"all":       {drop: 0.15, double: 0.15, delay: 0.15},
	}
	seeds := uint64(60)
	if testing.Short() {
		seeds = 10
	}
	for name, f := range plans {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds {
				synctest.Test(t, func(t *testing.T) { simulate(t, f, seed) })
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

const (
	simUsers = 5
	simRooms = 3
	simSteps = 250
)

func simulate(t *testing.T, f faults, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	w := newWorld()
	h := run(t, w, func(o *Options) {
		o.Follow = slowly(seed, w.followed)
	})
	n := &hints{h: h, rng: rng, f: f}
	var clients sync.Map // number → *client, those that are attached
	var connecting sync.WaitGroup
	next := 0
	for range simSteps {
		room := myna.RoomID(100 + rng.IntN(simRooms))
		u := myna.UserID(1 + rng.IntN(simUsers))
		switch r := rng.Float64(); {
		case r < 0.45:
			n.pass(w.say(room, "hello"))
		case r < 0.5:
			n.pass(w.edit(room))
		case r < 0.75:
			n.pass(w.set(room, u, rng.Float64() < 0.6))
		case r < 0.8:
			n.pass(w.touch(myna.Directory()))
		case r < 0.9:
			number := next
			next++
			connecting.Go(func() {
				c := &client{device: &device{}, t: t, w: w, strict: f == faults{}, cursors: map[myna.Scope]int64{}, rows: map[myna.Scope]map[string]int64{}}
				if err := connect(h, c.device, u); err != nil {
					t.Error(err)
				}
				clients.Store(number, c)
			})
		default:
			clients.Range(func(k, c any) bool {
				c.(*client).work()
				if rng.Float64() < 0.2 {
					h.Detach(&c.(*client).Session)
					clients.Delete(k)
				}
				return true
			})
		}
		time.Sleep(time.Duration(rng.IntN(int(40 * time.Millisecond))))
	}
	connecting.Wait()
	if f != (faults{}) {
		settle(h, n, w, &clients)
	}
	look(&clients)
	clients.Range(func(_, c any) bool {
		if c.(*client).closed() == 0 {
			c.(*client).expect()
		}
		return true
	})
}

// settle lets one more change of each scope come through: people first, whose scopes say what rooms
// they are in.
func settle(h *Hub, n *hints, w *world, clients *sync.Map) {
	n.release()
	n.f = faults{}
	look(clients)
	for u := range simUsers {
		n.pass(w.touch(myna.UserID(1 + u).Scope()))
	}
	look(clients)
	for room := range simRooms {
		n.pass(w.touch(myna.RoomID(100 + room).Scope()))
	}
	n.pass(w.touch(myna.Directory()))
}

// look waits until the hub is through and lets every client apply what came.
func look(clients *sync.Map) {
	time.Sleep(time.Second)
	synctest.Wait()
	clients.Range(func(_, c any) bool {
		c.(*client).work()
		return true
	})
}
