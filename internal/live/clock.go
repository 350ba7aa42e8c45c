package live

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const (
	clockTick = time.Second
	// pingSlots is how many ticks a round of pings takes: every session is in one slot and so is pinged
	// every 25 s, inside the 30 to 60 s after which proxies drop an idle connection.
	pingSlots = 25
	// maxMissed is how many pings in a row may stay without a sign of life. With 2 a dead line is found
	// 50 to 75 s after its last byte.
	maxMissed = 2
	// forgetEvery is how often old tombstones are looked for, in ticks.
	forgetEvery = 60
	// endsLife is how long the end of a session is remembered: longer than an upgrade may take.
	endsLife = time.Minute
)

func (h *Hub) enterSlot(s *Session) {
	s.slot = uint8(h.nextSlot % pingSlots)
	h.nextSlot++
	s.slotAt = int32(len(h.slots[s.slot]))
	h.slots[s.slot] = append(h.slots[s.slot], s)
}

func (h *Hub) leaveSlot(s *Session) {
	slot := h.slots[s.slot]
	last := len(slot) - 1
	moved := slot[last]
	slot[s.slotAt] = moved
	moved.slotAt = s.slotAt
	slot[last] = nil
	h.slots[s.slot] = slot[:last]
}

// tick does what is due every second: one slot's pings, the people whose grace is over and
// those whose presence flips.
func (h *Hub) tick(now time.Time) {
	h.mu.Lock()
	n := int(now.Unix())
	h.settleLeft(now)
	h.settleFlipped()
	if n%forgetEvery == 0 {
		h.forgetOld(now)
	}
	gone := h.pingSlot(n%pingSlots, now)
	h.mu.Unlock()
	for _, g := range gone {
		g.session.out.End(g.code, g.reason)
	}
}

// ending is a session that was detached and is to be told why.
type ending struct {
	session *Session
	code    int
	reason  string
}

// pingSlot pings the sessions of a slot and detaches those that are dead or over. A tick that is lost
// or comes twice (the clock was set) shifts a ping by one round.
func (h *Hub) pingSlot(slot int, now time.Time) []ending {
	var gone []ending
	for _, s := range h.slots[slot] {
		if s.heard.Swap(false) {
			s.missed = 0
		} else {
			s.missed++
		}
		switch {
		case s.expires != 0 && s.expires <= myna.TimeOf(now):
			gone = append(gone, ending{s, wire.CloseSessionEnded, "the session expired"})
		case s.missed >= maxMissed:
			gone = append(gone, ending{s, wire.CloseUnseen, "no answer to pings"})
		default:
			if s.push(h.ping) {
				h.touched = append(h.touched, s)
			}
		}
	}
	for _, g := range gone {
		h.detach(g.session)
	}
	return gone
}

func (h *Hub) forgetOld(now time.Time) {
	for at, t := range h.removed {
		if now.After(t.until) {
			delete(h.removed, at)
		}
	}
	h.ends.forget(now.Add(-endsLife))
}

// ends remembers sessions and people that were ended, for devices whose upgrade is under way: proved
// before, attached after.
type ends struct {
	sessions map[myna.SessionID]time.Time
	users    map[myna.UserID]time.Time
}

func (e *ends) after(since time.Time, p myna.Principal) bool {
	session, one := e.sessions[p.Session]
	person, all := e.users[p.User]
	return one && !session.Before(since) || all && !person.Before(since)
}

func (e *ends) forget(before time.Time) {
	for id, at := range e.sessions {
		if at.Before(before) {
			delete(e.sessions, id)
		}
	}
	for id, at := range e.users {
		if at.Before(before) {
			delete(e.users, id)
		}
	}
}

// End closes every connection of these sessions. It looks at all that are connected (about a
// millisecond for 50,000), which is cheaper than an index for something so rare.
func (h *Hub) End(ids []myna.SessionID, code int) {
	if len(ids) == 0 {
		return
	}
	now := time.Now()
	wanted := make(map[myna.SessionID]bool, len(ids))
	h.mu.Lock()
	for _, id := range ids {
		wanted[id] = true
		h.ends.sessions[id] = now
	}
	var gone []*Session
	for _, slot := range h.slots {
		for _, s := range slot {
			if wanted[s.who.Session] {
				gone = append(gone, s)
			}
		}
	}
	for _, s := range gone {
		h.detach(s)
	}
	h.mu.Unlock()
	for _, s := range gone {
		s.out.End(code, "the session was ended")
	}
}

// EndUser closes every connection of a person.
func (h *Hub) EndUser(id myna.UserID, code int) {
	h.mu.Lock()
	h.ends.users[id] = time.Now()
	var gone []*Session
	if u := h.users[id]; u != nil {
		gone = h.takeSessions(u)
	}
	h.mu.Unlock()
	for _, s := range gone {
		s.out.End(code, "all sessions were ended")
	}
}

const (
	// drainFlush is how long the drain frames get to leave before the connections are closed.
	drainFlush = 500 * time.Millisecond
	// The time the clients are told to stay away is spread: a millisecond each is what accepting and
	// catching up costs twice over.
	drainMin        = time.Second
	drainMax        = 30 * time.Second
	drainPerSession = time.Millisecond
)

// Drain refuses new sessions, tells the others to come back after a wait that differs for each, and
// closes them with 1001 shortly after, or at once when ctx ends. Run must still be running.
func (h *Hub) Drain(ctx context.Context) {
	h.mu.Lock()
	h.draining = true
	spread := min(max(drainMin, time.Duration(h.sessions)*drainPerSession), drainMax)
	for _, slot := range h.slots {
		for _, s := range slot {
			b, err := wire.Append(nil, wire.Drain{Type: wire.FrameDrain, AfterMS: rand.Int64N(spread.Milliseconds() + 1)})
			if err == nil {
				h.pass(s, Text(b))
			}
		}
	}
	empty := h.sessions == 0
	h.mu.Unlock()
	if !empty {
		select {
		case <-time.After(drainFlush):
		case <-ctx.Done():
		}
	}
	h.endAll(wire.CloseGoingAway, "the server is restarting")
}

// Blind closes every connection: it cannot be seen any more whose session was ended. Who comes back is
// authenticated anew, which works when the database can be read again.
func (h *Hub) Blind() { h.endAll(wire.CloseLost, "the server cannot read its database") }

func (h *Hub) endAll(code int, reason string) {
	h.mu.Lock()
	var gone []*Session
	for _, u := range h.users {
		gone = append(gone, h.takeSessions(u)...)
	}
	h.mu.Unlock()
	for _, s := range gone {
		s.out.End(code, reason)
	}
}
