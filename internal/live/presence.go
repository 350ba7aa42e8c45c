package live

import (
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const (
	// grace is how long a person stays what they were after a device went: a reload or a change of
	// network must not make them flicker, nor cost a read of what they follow.
	grace = 5 * time.Second
	// presenceEvery is how often watchers are told of one person: a device that flips as fast as it may
	// would otherwise cost each of its frames times everybody who watches. The last state is told in any
	// case, within one more tick of the clock.
	presenceEvery = time.Second
	// typingEvery is how often one device's typing is passed on; clients repeat it every 3 s.
	typingEvery = 2 * time.Second
	// typingPerRoom is how many typing signals a second a room passes on: nobody reads more names than
	// that, and in a crowd each costs a delivery to everybody who looks.
	typingPerRoom = 5
)

// presence of a person over all their devices.
type presence uint8

const (
	offline presence = iota // no device
	away                    // devices, but nobody looks at any
	online
)

func (p presence) String() string {
	return [...]string{offline: wire.Offline, away: wire.Away, online: wire.Online}[p]
}

// watched is a person whose presence somebody here follows; watch is the other end, in the session.
// Like listener and sub, each end knows its index in the other's list.
type watched struct {
	user     myna.UserID
	watchers []watcher
}

type watcher struct {
	session *Session
	watch   int32
}

type watch struct {
	of *watched
	at int32
}

// leaving is a person of whom a device went at that time.
type leaving struct {
	user *user
	at   time.Time
}

// refreshPresence tells the watchers if u's state is not what it was, or leaves it to the clock if they
// were told a moment ago. With nobody watching it costs a look over the person's own devices.
func (h *Hub) refreshPresence(u *user) {
	state := u.present()
	if state == u.state {
		return
	}
	w := h.watched[u.id]
	if w == nil {
		u.state = state
		return
	}
	now := time.Now().UnixNano()
	if since := now - u.toldAt; since >= 0 && since < int64(presenceEvery) {
		if !u.flipped {
			u.flipped = true
			h.flipped = append(h.flipped, u)
		}
		return
	}
	u.state, u.toldAt = state, now
	f := presenceFrame([]wire.Presence{{User: u.id, State: state.String()}})
	for _, to := range w.watchers {
		h.pass(to.session, f)
	}
}

// present is what the person's devices say.
func (u *user) present() presence {
	state := offline
	for _, s := range u.sessions {
		if !s.inactive {
			return online
		}
		state = away
	}
	return state
}

// settleFlipped looks again at the people whose watchers had been told a moment before; whose time is
// still not come stands in the list again. People without devices are linger's: they may be back soon.
func (h *Hub) settleFlipped() {
	list := h.flipped
	h.flipped = nil
	for _, u := range list {
		u.flipped = false
		if len(u.sessions) > 0 {
			h.refreshPresence(u)
		}
	}
}

// pass queues f and leaves the writing to Run's goroutine, whoever calls.
func (h *Hub) pass(s *Session, f *Frame) {
	if s.push(f) {
		h.kick(s)
	}
}

// linger waits the grace period before what a gone device means for its person is looked at.
func (h *Hub) linger(u *user) {
	now := time.Now()
	u.leftAt = now.UnixNano()
	h.leaving = append(h.leaving, leaving{user: u, at: now})
}

// settleLeft looks at the people of whom a device went a grace period ago.
func (h *Hub) settleLeft(now time.Time) {
	n := 0
	for n < len(h.leaving) && now.Sub(h.leaving[n].at) >= grace {
		u := h.leaving[n].user
		n++
		if now.Sub(time.Unix(0, u.leftAt)) < grace {
			continue // another went since
		}
		h.refreshPresence(u)
		if len(u.sessions) == 0 && u.pending == 0 {
			h.remove(u)
		}
	}
	if n > 0 {
		h.leaving = append([]leaving(nil), h.leaving[n:]...)
	}
}

// Watch replaces the people whose presence s follows, and answers with their present states. More than
// myna.MaxWatched are refused.
func (h *Hub) Watch(s *Session, users []myna.UserID) error {
	if len(users) > myna.MaxWatched {
		return myna.Errorf(myna.Invalid, myna.CodeTooLarge, "at most %d people can be watched at once", myna.MaxWatched).In("users")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.attached {
		return nil
	}
	h.unwatch(s)
	states := make([]wire.Presence, 0, len(users))
	for _, id := range users {
		if !h.addWatch(s, id) {
			continue
		}
		state := offline
		if u := h.users[id]; u != nil {
			state = u.state
		}
		states = append(states, wire.Presence{User: id, State: state.String()})
	}
	h.pass(s, presenceFrame(states))
	return nil
}

// addWatch is false if s watches the person already.
func (h *Hub) addWatch(s *Session, id myna.UserID) bool {
	w := h.watched[id]
	if w == nil {
		w = &watched{user: id}
		h.watched[id] = w
	}
	if n := len(w.watchers); n > 0 && w.watchers[n-1].session == s {
		return false // the hub's lock is held since the first: nobody else came in between
	}
	s.watches = append(s.watches, watch{of: w, at: int32(len(w.watchers))})
	w.watchers = append(w.watchers, watcher{session: s, watch: int32(len(s.watches) - 1)})
	return true
}

func (h *Hub) unwatch(s *Session) {
	for _, gone := range s.watches {
		w := gone.of
		last := len(w.watchers) - 1
		moved := w.watchers[last]
		w.watchers[gone.at] = moved
		moved.session.watches[moved.watch].at = gone.at
		w.watchers[last] = watcher{}
		w.watchers = w.watchers[:last]
		if last == 0 {
			delete(h.watched, w.user)
		}
	}
	s.watches = nil
}

// Focus notes what the device shows and whether somebody looks at it; room 0 is none. A room the person
// does not follow counts as none.
func (h *Hub) Focus(s *Session, room myna.RoomID, active bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.attached {
		return
	}
	h.unfocus(s)
	if t := h.topics[room.Scope()]; t != nil && s.user.subOf(t) != nil {
		s.focus, s.focusAt = t, int32(len(t.focused))
		t.focused = append(t.focused, s)
	}
	s.inactive = !active
	h.refreshPresence(s.user)
}

func (h *Hub) unfocus(s *Session) {
	t := s.focus
	if t == nil {
		return
	}
	last := len(t.focused) - 1
	moved := t.focused[last]
	t.focused[s.focusAt] = moved
	moved.focusAt = s.focusAt
	t.focused[last] = nil
	t.focused = t.focused[:last]
	s.focus = nil
}

// Typing tells the devices of others that show the room that s's person is writing there. What comes
// too often is left out. A room the person does not follow is NotFound.
func (h *Hub) Typing(s *Session, room myna.RoomID) error {
	now := time.Now().UnixNano()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.attached {
		return nil
	}
	t := h.topics[room.Scope()]
	if t == nil || s.user.subOf(t) == nil {
		return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such room, or you are not in it").In("room")
	}
	if now-s.typedAt < int64(typingEvery) || !t.typing.take(now) {
		return nil
	}
	s.typedAt = now
	var f *Frame
	for _, to := range t.focused {
		if to.user == s.user {
			continue
		}
		if f == nil {
			f = signal(wire.Signal{Kind: wire.SignalTyping, Room: room, User: s.user.id})
		}
		h.pass(to, f)
	}
	return nil
}

// allowance lets typingPerRoom through in any second that begins with the first.
type allowance struct {
	since int64 // Unix nanoseconds
	used  int32
}

func (a *allowance) take(now int64) bool {
	if now-a.since >= int64(time.Second) {
		*a = allowance{since: now}
	}
	if a.used >= typingPerRoom {
		return false
	}
	a.used++
	return true
}

func presenceFrame(states []wire.Presence) *Frame {
	return signal(wire.Signal{Kind: wire.SignalPresence, Presence: states})
}

func signal(s wire.Signal) *Frame {
	s.Type = wire.FrameSignal
	b, err := wire.Append(nil, s)
	if err != nil {
		panic(err) // strings and ids always have a JSON form
	}
	return Text(b)
}
