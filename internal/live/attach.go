package live

import (
	"context"
	"fmt"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// Device is what the hub is told of a session that connects.
type Device struct {
	Principal myna.Principal
	Since     time.Time // when its authentication began: a session ended after that is refused
	Expires   myna.Time // absolute end; 0 if there is none
	Version   string    // of the server, for the ready frame
	Outlet    Outlet
}

// Attach makes s listen and queues its ready frame. The caller sees to it that the frame is written
// (Attach calls Outlet.Write) and calls Detach when the connection is gone.
//
// What a person follows is read from the database, while commits go on. So that nothing falls between,
// the person is registered first ("pending"), then the list is read, then it is merged:
//
//   - A member row of the person that is delivered in the meantime is noted (user.joined) or leaves a
//     tombstone (Hub.removed). In the merge the higher rev wins, the list's MemberRev or the noted one.
//     A row committed after the list was read and not delivered by then will pass by later and take
//     effect then, as for anybody who listens.
//   - A scope that others here follow already has a topic, whose rev says exactly which changes are
//     still to come. That rev becomes the head in ready, whatever the list says: what came before it is
//     in the database, what comes after it will be queued behind ready. It may be lower than the list's
//     head (the commits in between are still waiting for the hub: they will come) or higher (they were
//     delivered since the list was read: the client fetches them).
//   - A scope without a topic gets one that stands at the list's head, or at where the scope was seen
//     to move in the meantime (Hub.unheard, kept while anybody is pending) if that is higher. Changes up
//     to there that are still waiting for the hub are ignored when they come, except for what member
//     rows say.
//
// While somebody has a device here, and a grace period longer, the set is kept right by the member rows,
// so that further devices and quick reconnects read nothing.
func (h *Hub) Attach(ctx context.Context, s *Session, d Device) error {
	s.hub, s.out, s.who, s.expires = h, d.Outlet, d.Principal, d.Expires
	s.heard.Store(true)
	u, known, err := h.enter(s, d)
	if err != nil {
		return err
	}
	if !known {
		err = h.settle(ctx, u, s, d)
		if err != nil {
			return err
		}
	}
	s.out.Write()
	return nil
}

// enter attaches s at once if the hub knows what its person follows; otherwise it registers the person
// as pending.
func (h *Hub) enter(s *Session, d Device) (u *user, known bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.admit(d); err != nil {
		return nil, false, err
	}
	u = h.users[d.Principal.User]
	if u == nil {
		u = &user{id: d.Principal.User}
		h.users[u.id] = u
	}
	if len(u.sessions)+int(u.pending) >= maxSockets {
		return nil, false, myna.Errorf(myna.Limited, myna.CodeTooMany, "you have %d live connections already: close one first", maxSockets)
	}
	if u.attached {
		h.join(u, s, d)
		return u, true, nil
	}
	h.beginRead(u)
	return u, false, nil
}

// settle reads what u follows, merges it and attaches s.
func (h *Hub) settle(ctx context.Context, u *user, s *Session, d Device) error {
	ctx, cancel := context.WithTimeout(ctx, followTimeout)
	defer cancel()
	list, err := h.read(ctx, d.Principal)
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.endRead(u)
	if err != nil {
		return fmt.Errorf("read what %s follows: %w", u.id, err)
	}
	if err := h.admit(d); err != nil {
		return err
	}
	if !u.attached {
		h.merge(u, list)
	}
	h.join(u, s, d)
	return nil
}

// admit refuses whoever was ended since their authentication began, and everybody at the end.
func (h *Hub) admit(d Device) error {
	if h.draining {
		return myna.Errorf(myna.Limited, myna.CodeOverloaded, "the server is stopping: try again in a moment").After(time.Second)
	}
	if h.ends.after(d.Since, d.Principal) {
		return myna.Errorf(myna.Unauthorized, myna.CodeSessionEnded, "this session was ended: sign in again")
	}
	return nil
}

func (h *Hub) beginRead(u *user) {
	u.pending++
	h.attaching++
}

func (h *Hub) endRead(u *user) {
	if u.pending--; u.pending == 0 {
		u.joined = nil
	}
	if h.attaching--; h.attaching == 0 {
		clear(h.unheard)
	}
	switch {
	case u.pending > 0 || len(u.sessions) > 0:
	case u.attached:
		h.linger(u)
	default:
		h.remove(u)
	}
}

// merge makes u follow what the list says, corrected by what passed by while it was read.
func (h *Hub) merge(u *user, list []Followed) {
	for _, f := range list {
		if f.Scope.Kind == myna.UserKind {
			if !u.attached {
				u.rev = max(u.rev, f.Head)
			}
			continue
		}
		at := place{myna.RoomID(f.Scope.ID), u.id}
		if f.Scope.Kind == myna.RoomKindScope && h.removed[at].rev > f.MemberRev {
			continue
		}
		h.follow(u, h.topicAt(f.Scope, f.Head), f.MemberRev)
	}
	for _, j := range u.joined {
		if h.removed[place{j.room, u.id}].rev < j.rev {
			h.follow(u, h.topicAt(j.room.Scope(), j.rev), j.rev)
		}
	}
	u.attached = true
}

// join makes s one of u's devices, with the ready frame first in its queue.
func (h *Hub) join(u *user, s *Session, d Device) {
	b := wire.AppendReady(nil, wire.Ready{
		User: u.id, Session: d.Principal.Session, Version: d.Version, Now: myna.TimeOf(time.Now()),
	})
	s.user, s.attached = u, true
	s.mu.Lock()
	s.enqueue(Text(h.appendHeads(b, u)))
	s.writing = true // by Attach
	s.mu.Unlock()
	u.sessions = append(u.sessions, s)
	h.sessions++
	h.enterSlot(s)
	h.refreshPresence(u)
}

// appendHeads appends where everything u follows stands, and closes the frame.
func (h *Hub) appendHeads(b []byte, u *user) []byte {
	b = wire.AppendHead(b, u.id.Scope(), u.rev)
	for _, sub := range u.subs {
		b = wire.AppendHead(b, sub.topic.scope, sub.topic.rev)
	}
	return append(b, "}}"...)
}

// resync queues where everything stands for a session whose queue was dropped; from these heads on it
// gets everything again. Answers and acks that were in the queue are lost: after a resync a client
// fetches what it waits for and repeats posts that have no ack, with the same nonce.
func (h *Hub) resync(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lagging || s.ended {
		return
	}
	s.lagging = false
	if s.attached {
		s.enqueue(Text(h.appendHeads(wire.AppendResync(nil), s.user)))
	}
}

// Detach forgets a session whose connection is gone. It may be called at any time, also twice.
func (h *Hub) Detach(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.detach(s)
}

func (h *Hub) detach(s *Session) {
	if !s.attached {
		return
	}
	u := s.user
	h.leave(s)
	for i, other := range u.sessions {
		if other == s {
			u.sessions[i] = u.sessions[len(u.sessions)-1]
			u.sessions[len(u.sessions)-1] = nil
			u.sessions = u.sessions[:len(u.sessions)-1]
			break
		}
	}
	h.linger(u)
}

// takeSessions detaches all of u's sessions and returns them.
func (h *Hub) takeSessions(u *user) []*Session {
	taken := u.sessions
	u.sessions = nil
	for _, s := range taken {
		h.leave(s)
	}
	h.linger(u)
	return taken
}

// leave undoes join, except for the list of the user's sessions.
func (h *Hub) leave(s *Session) {
	s.attached = false
	h.leaveSlot(s)
	h.unfocus(s)
	h.unwatch(s)
	h.sessions--
}

// remove drops a user nobody needs any more.
func (h *Hub) remove(u *user) {
	h.forget(u)
	if h.users[u.id] == u {
		delete(h.users, u.id)
	}
}

// reread reads again what somebody follows whose member row for a room seems to have been missed.
func (h *Hub) reread(s suspect) {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := s.user
	if !u.attached || h.follows(u, s.room) {
		return
	}
	if len(u.sessions) == 0 {
		h.forget(u)
		return
	}
	h.beginRead(u)
	who := u.sessions[0].who
	h.helpers.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), followTimeout)
		defer cancel()
		list, err := h.read(ctx, who)
		h.mu.Lock()
		var lost []*Session
		if err == nil {
			h.merge(u, list)
		} else {
			h.forget(u)
			lost = h.takeSessions(u)
		}
		h.endRead(u)
		h.mu.Unlock()
		if err != nil {
			h.log.Error("what a person follows could not be read again", "user", u.id.String(), "error", err)
		}
		for _, s := range lost {
			s.out.End(wire.CloseLost, "")
		}
	})
}
