// Package live knows who is connected to this node and hands them what changes: sessions, what they
// listen to, fan-out, bounded queues, presence and typing.
//
// One goroutine (Hub.Run) takes the commits in order, encodes each change once and puts the same frame
// on the queue of every session that listens. It promises, for every scope a session follows, that all
// changes after the head it was told are queued in rev order, or that the session is told to resync;
// and that a person removed from a room gets no frame of it after the removal. Nothing in it is lasting:
// whatever is lost here is found again by the gap rule, in the database.
//
// Listening is a matter of people, not of sessions: a person's devices all follow the directory, the
// person's own scope and the rooms they are a member of. The set is read from the database when the
// first device comes and kept right afterwards by the member rows that pass by.
//
// A Hub is safe for concurrent use. It does not read from sockets, check rights, or write to sockets:
// that is the Outlet's part.
package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/myna-chat/myna"
)

const (
	// commitBacklog is how many commits may wait for the hub before the journal waits for it: a commit
	// holds at most 256 changes, so that this is some thousands of messages.
	commitBacklog = 64
	// directMost is how many sessions the hub writes for itself. A write costs 7–9 µs, so a room of this
	// size is served in a quarter of a millisecond without waking anybody; more go to the writers.
	directMost = 32
	// maxSockets bounds the connections of one person: as many as they may have devices.
	maxSockets = myna.MaxSessions
	// maxGap is about how many changes a gap is filled with: while they are read nothing else is delivered.
	// A client that is a tenth as far behind is told to begin anew, so that listeners are better sent away
	// to do so.
	maxGap = 10 * myna.MaxBehind
	// followTimeout bounds reading what a person follows, and filling a gap.
	followTimeout = 10 * time.Second
)

// Followed is one scope a person's devices listen to.
type Followed struct {
	Scope     myna.Scope
	Head      int64 // where the scope stands
	MemberRev int64 // rooms: the rev of the person's own member row
}

// Options of New.
type Options struct {
	// History reads the next changes of a scope after a rev, in rev order, and the scope's head in the same
	// snapshot. It fills gaps, a page after the other.
	History func(ctx context.Context, scope myna.Scope, after int64) ([]myna.Change, int64, error)
	// Follow reads what a person's devices listen to, in one snapshot.
	Follow func(ctx context.Context, p myna.Principal) ([]Followed, error)
	Log    *slog.Logger // slog.Default() if nil
}

// Hub is the connected part of one node.
type Hub struct {
	history func(context.Context, myna.Scope, int64) ([]myna.Change, int64, error)
	read    func(context.Context, myna.Principal) ([]Followed, error)
	log     *slog.Logger
	ping    *Frame

	commits chan []myna.Change
	kicks   kicks
	stopped chan struct{} // closed when Run is over
	helpers sync.WaitGroup
	stats   counters

	// Used by Run's goroutine only.
	touched  []*Session // have something queued and nobody who writes it yet
	suspects []suspect
	scratch  []byte

	mu        sync.Mutex // before any Session.mu; never held while writing, reading or waiting
	users     map[myna.UserID]*user
	topics    map[myna.Scope]*topic
	watched   map[myna.UserID]*watched
	slots     [pingSlots][]*Session
	nextSlot  int
	sessions  int
	leaving   []leaving
	flipped   []*user              // whose watchers are told by the clock, having been told a moment ago
	attaching int                  // reads of what somebody follows, under way
	unheard   map[myna.Scope]int64 // scopes without a topic that moved meanwhile, and to where
	removed   map[place]tombstone
	ends      ends
	draining  bool
}

// place is a person in a room.
type place struct {
	room myna.RoomID
	user myna.UserID
}

// New makes a Hub; it delivers once Run runs.
func New(o Options) *Hub {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Hub{
		history: o.History, read: o.Follow, log: o.Log,
		ping:    NewFrame(ws.OpPing, nil),
		commits: make(chan []myna.Change, commitBacklog),
		kicks:   kicks{signal: make(chan struct{}, 1)},
		stopped: make(chan struct{}),
		users:   map[myna.UserID]*user{},
		topics:  map[myna.Scope]*topic{},
		watched: map[myna.UserID]*watched{},
		unheard: map[myna.Scope]int64{},
		removed: map[place]tombstone{},
		ends:    ends{sessions: map[myna.SessionID]time.Time{}, users: map[myna.UserID]time.Time{}},
	}
}

// Commit hands over what one transaction changed. It must be called in commit order; it waits when the
// hub is far behind, which slows the journal down to what can be delivered.
func (h *Hub) Commit(changes []myna.Change) {
	select {
	case h.commits <- changes:
	case <-h.stopped:
	}
}

// Run delivers until ctx ends. Sessions are not closed by it: that is Drain's part.
func (h *Hub) Run(ctx context.Context) {
	defer close(h.stopped)
	defer h.helpers.Wait()
	clock := time.NewTicker(clockTick)
	defer clock.Stop()
	for {
		select {
		case changes := <-h.commits:
			h.dispatch(ctx, changes)
		case <-h.kicks.signal:
		case now := <-clock.C:
			h.tick(now)
		case <-ctx.Done():
			return
		}
		h.catchUp(ctx)
		h.wake()
	}
}

// catchUp takes more commits that wait already, so that a session in many of them is written to once.
func (h *Hub) catchUp(ctx context.Context) {
	const most = 16 // then the writers must hear of it
	for range most {
		select {
		case changes := <-h.commits:
			h.dispatch(ctx, changes)
		default:
			return
		}
	}
}

// wake sees to it that everything queued is written: by the hub itself if it is little and nothing else
// waits (which is quickest), by the outlets' own writers otherwise (which lets more pile up a write).
func (h *Hub) wake() {
	h.touched = h.kicks.take(h.touched)
	direct := len(h.touched) <= directMost && len(h.commits) == 0
	for i, s := range h.touched {
		if direct {
			s.out.Write()
		} else {
			s.out.Schedule()
		}
		h.touched[i] = nil
	}
	h.touched = h.touched[:0]
}

// kick has Run's goroutine write for s.
func (h *Hub) kick(s *Session) {
	h.kicks.add(s)
	select {
	case h.kicks.signal <- struct{}{}:
	default:
	}
}

// kicks are the sessions others queued something for and want the hub to write to.
type kicks struct {
	signal chan struct{}
	mu     sync.Mutex
	list   []*Session
}

func (k *kicks) add(s *Session) {
	k.mu.Lock()
	k.list = append(k.list, s)
	k.mu.Unlock()
}

func (k *kicks) take(dst []*Session) []*Session {
	k.mu.Lock()
	defer k.mu.Unlock()
	dst = append(dst, k.list...)
	clear(k.list)
	k.list = k.list[:0]
	return dst
}

// Stats is a look at the hub for metrics. The counters count from the start.
type Stats struct {
	Sessions, Users, Scopes int   // at present
	Changes                 int64 // encoded
	Deliveries              int64 // changes queued for a session
	Overflows               int64 // queues that were dropped
	Gaps                    int64 // filled from history
	Waiting                 int   // commits handed over and not yet looked at
}

type counters struct {
	changes, deliveries, overflows, gaps atomic.Int64
}

// Stats gives the present numbers.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	st := Stats{Sessions: h.sessions, Users: len(h.users), Scopes: len(h.topics)}
	h.mu.Unlock()
	st.Changes, st.Deliveries = h.stats.changes.Load(), h.stats.deliveries.Load()
	st.Overflows, st.Gaps = h.stats.overflows.Load(), h.stats.gaps.Load()
	st.Waiting = len(h.commits)
	return st
}

// Count is how many sessions are attached.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sessions
}

// Connected lists the sessions that have a connection here, those with several more than once.
func (h *Hub) Connected() []myna.SessionID {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := make([]myna.SessionID, 0, h.sessions)
	for _, slot := range h.slots {
		for _, s := range slot {
			ids = append(ids, s.who.Session)
		}
	}
	return ids
}

// Standing says how far each scope somebody listens to here was delivered.
func (h *Hub) Standing() map[myna.Scope]int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	standing := make(map[myna.Scope]int64, len(h.topics)+len(h.users))
	for scope, t := range h.topics {
		standing[scope] = t.rev
	}
	for id, u := range h.users {
		if u.attached {
			standing[id.Scope()] = u.rev
		}
	}
	return standing
}
