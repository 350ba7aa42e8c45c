package live

import (
	"context"
	"fmt"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// tombstoneLife is how long a removal is remembered: much longer than a hint may be late or a device
// may take to attach.
const tombstoneLife = 10 * time.Minute

// tombstone says at which rev a person was removed from a room, and until when to remember it.
type tombstone struct {
	rev   int64
	until time.Time
}

// suspect is a person whose own scope says they are in a room, while the hub does not have them there.
type suspect struct {
	user *user
	room myna.RoomID
}

// dispatch delivers what one transaction changed.
func (h *Hub) dispatch(ctx context.Context, changes []myna.Change) {
	for _, c := range changes {
		if h.apply(c, false) {
			continue
		}
		if err := h.fill(ctx, c); err != nil {
			h.log.Error("gap in a scope could not be filled", "scope", c.Scope.String(), "error", err)
			h.sever(c.Scope)
			h.apply(c, true)
		}
	}
	for _, s := range h.suspects {
		h.reread(s)
	}
	clear(h.suspects)
	h.suspects = h.suspects[:0]
}

// apply delivers one change if it is the next of its scope (or, when force is set, at any distance) and
// ignores it if it came before. False means that there is a gap and nothing was done.
func (h *Hub) apply(c myna.Change, force bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Scope.Kind == myna.UserKind {
		return h.applyOwn(c, force)
	}
	t := h.topics[c.Scope]
	if t != nil && c.Rev > t.rev+1 && !force {
		return false
	}
	member, isMember := c.Row.(myna.Member)
	if isMember && !member.Left {
		h.memberJoined(member, c.Rev)
		t = h.topics[c.Scope]
	}
	switch {
	case t == nil:
		if h.attaching > 0 { // somebody may be about to listen: see Attach
			h.unheard[c.Scope] = max(h.unheard[c.Scope], c.Rev)
		}
	case c.Rev > t.rev:
		t.rev = c.Rev
		h.broadcast(t, c)
	}
	if isMember && member.Left {
		h.memberLeft(member, c.Rev)
	}
	return true
}

func (h *Hub) applyOwn(c myna.Change, force bool) bool {
	u := h.users[myna.UserID(c.Scope.ID)]
	switch {
	case u == nil:
		return true
	case !u.attached: // being read: see Attach
		u.rev = max(u.rev, c.Rev)
		return true
	case c.Rev > u.rev+1 && !force:
		return false
	case c.Rev > u.rev:
		u.rev = c.Rev
		if f := h.encode(c); f != nil {
			h.pushUser(u, f)
		}
		h.suspect(u, c)
	}
	return true
}

// suspect notes that u's own scope names a room the hub does not have u in. If that is still so when
// the commit is through, the member row that says so was missed.
func (h *Hub) suspect(u *user, c myna.Change) {
	m, ok := c.Row.(myna.Membership)
	if ok && !m.Left && !h.follows(u, m.Room) {
		h.suspects = append(h.suspects, suspect{user: u, room: m.Room})
	}
}

func (h *Hub) follows(u *user, room myna.RoomID) bool {
	t := h.topics[room.Scope()]
	return t != nil && u.subOf(t) != nil
}

// broadcast queues the change for every device that listens, as one shared frame.
func (h *Hub) broadcast(t *topic, c myna.Change) {
	var f *Frame
	for i := range t.listeners {
		u := t.listeners[i].user
		if len(u.sessions) == 0 {
			continue
		}
		if f == nil {
			if f = h.encode(c); f == nil {
				return
			}
		}
		h.pushUser(u, f)
	}
}

func (h *Hub) pushUser(u *user, f *Frame) {
	for _, s := range u.sessions {
		if s.push(f) {
			h.touched = append(h.touched, s)
		}
	}
	h.stats.deliveries.Add(int64(len(u.sessions)))
}

// encode builds the frame of a change. A row that cannot be encoded is a fault of ours, logged and left
// out: the clients find the gap and fetch, and nobody else's sync stops.
func (h *Hub) encode(c myna.Change) *Frame {
	b, err := wire.AppendChange(h.scratch[:0], c)
	if err != nil {
		h.log.Error("change cannot be encoded", "scope", c.Scope.String(), "rev", c.Rev, "error", err)
		return nil
	}
	h.scratch = b
	h.stats.changes.Add(1)
	return Text(b)
}

// memberJoined has the devices of somebody who became a member listen from exactly this rev on. It does
// not look at the topic's rev: a topic made from a newer snapshot has this row behind it, and the
// person's other devices may not know of it yet. A removal seen later than the row wins.
func (h *Hub) memberJoined(m myna.Member, rev int64) {
	u := h.users[m.User]
	if u == nil || h.removed[place{m.Room, m.User}].rev >= rev {
		return
	}
	if u.pending > 0 {
		u.joined = append(u.joined, joined{room: m.Room, rev: rev})
	}
	if u.attached {
		h.follow(u, h.topicAt(m.Room.Scope(), rev-1), rev)
	}
}

// memberLeft ends the listening of somebody who left or was removed; the row itself was their last.
func (h *Hub) memberLeft(m myna.Member, rev int64) {
	at := place{m.Room, m.User}
	if h.removed[at].rev < rev {
		h.removed[at] = tombstone{rev: rev, until: time.Now().Add(tombstoneLife)}
	}
	u, t := h.users[m.User], h.topics[m.Room.Scope()]
	if u == nil || t == nil {
		return
	}
	for i := range u.subs {
		if u.subs[i].topic == t && u.subs[i].memberRev < rev {
			h.unfollow(u, i)
			return
		}
	}
}

// fill reads what is missing before c, c included, and delivers it page by page. It gives up beyond maxGap.
func (h *Hub) fill(ctx context.Context, c myna.Change) error {
	h.stats.gaps.Add(1)
	ctx, cancel := context.WithTimeout(ctx, followTimeout)
	defer cancel()
	for filled := 0; ; {
		after, followed := h.stands(c.Scope)
		if !followed || after >= c.Rev {
			h.apply(c, false) // a member row still counts for those who do not listen yet
			return nil
		}
		if filled >= maxGap {
			return fmt.Errorf("%s after %d: more than %d changes up to %d", c.Scope, after, maxGap, c.Rev)
		}
		rows, head, err := h.history(ctx, c.Scope, after)
		if err != nil {
			return fmt.Errorf("read %s after %d: %w", c.Scope, after, err)
		}
		if len(rows) == 0 {
			return fmt.Errorf("%s after %d: no changes up to %d, though %d was committed", c.Scope, after, head, c.Rev)
		}
		for _, row := range rows {
			h.apply(row, true)
		}
		filled += len(rows)
	}
}

// stands says how far a scope was delivered, and whether anybody listens.
func (h *Hub) stands(s myna.Scope) (int64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.Kind == myna.UserKind {
		u := h.users[myna.UserID(s.ID)]
		if u == nil || !u.attached {
			return 0, false
		}
		return u.rev, true
	}
	t := h.topics[s]
	if t == nil {
		return 0, false
	}
	return t.rev, true
}

// Reached says whether s follows a scope and up to which rev the scope was delivered. A session that
// follows at a rev was let in at every rev up to there.
func (h *Hub) Reached(s *Session, scope myna.Scope) (rev int64, follows bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.attached {
		return 0, false
	}
	if scope == s.user.id.Scope() {
		return s.user.rev, true
	}
	t := h.topics[scope]
	if t == nil || s.user.subOf(t) == nil {
		return 0, false
	}
	return t.rev, true
}

// sever ends the sessions of everybody who listens to a scope that the hub lost track of. They come
// back and start from the database; to deliver on could mean to deliver to somebody who was removed.
func (h *Hub) sever(s myna.Scope) {
	h.mu.Lock()
	var lost []*user
	if u := h.users[myna.UserID(s.ID)]; s.Kind == myna.UserKind && u != nil {
		lost = append(lost, u)
	}
	if t := h.topics[s]; t != nil {
		for _, l := range t.listeners {
			lost = append(lost, l.user)
		}
	}
	var ended []*Session
	for _, u := range lost {
		h.forget(u)
		ended = append(ended, h.takeSessions(u)...)
	}
	h.mu.Unlock()
	for _, s := range ended {
		s.out.End(wire.CloseLost, "")
	}
}
