package live

import "github.com/myna-chat/myna"

// topic is a scope somebody here follows: the directory or a room. It exists as long as there is a
// listener. (A person's own scope has one listener and stands in the user.)
type topic struct {
	scope     myna.Scope
	rev       int64 // of the last change that was delivered or that a listener was told of as head
	listeners []listener
	focused   []*Session // the devices that show this room
	typing    allowance
}

// listener is one person; sub is the index of the topic among the person's subs, so that either end of
// the link finds the other at once.
type listener struct {
	user *user
	sub  int32
}

// sub is the other end.
type sub struct {
	topic     *topic
	at        int32 // index among the topic's listeners
	memberRev int64 // rooms: the rev of the member row this stands on
}

// user is a person with devices here, or who had some a moment ago. While attached is set, subs is what
// the person follows as of the commits delivered so far.
type user struct {
	id       myna.UserID
	rev      int64 // where the person's own scope stands
	sessions []*Session
	subs     []sub
	joined   []joined // member rows that passed by while pending
	pending  int32    // reads of what the person follows, under way
	attached bool
	state    presence // as the watchers know it
	flipped  bool     // it may be another by now: stands in Hub.flipped
	toldAt   int64    // when watchers were last told, in Unix nanoseconds
	leftAt   int64    // when the last device went, in Unix nanoseconds
	frames   budget
}

// joined says that a member row with this rev made the person a member.
type joined struct {
	room myna.RoomID
	rev  int64
}

func (u *user) subOf(t *topic) *sub {
	for i := range u.subs {
		if u.subs[i].topic == t {
			return &u.subs[i]
		}
	}
	return nil
}

// topicAt finds the topic of a scope or makes it, standing at rev or where the scope was last seen.
func (h *Hub) topicAt(s myna.Scope, rev int64) *topic {
	t := h.topics[s]
	if t == nil {
		t = &topic{scope: s, rev: max(rev, h.unheard[s])}
		h.topics[s] = t
	}
	return t
}

// follow makes u listen to t, or notes the newer member row if u does already.
func (h *Hub) follow(u *user, t *topic, memberRev int64) {
	if have := u.subOf(t); have != nil {
		have.memberRev = max(have.memberRev, memberRev)
		return
	}
	u.subs = append(u.subs, sub{topic: t, at: int32(len(t.listeners)), memberRev: memberRev})
	t.listeners = append(t.listeners, listener{user: u, sub: int32(len(u.subs) - 1)})
}

// unfollow takes u from the topic of its i-th sub; the last of each list moves into the hole.
func (h *Hub) unfollow(u *user, i int) {
	gone := u.subs[i]
	t := gone.topic
	last := len(t.listeners) - 1
	moved := t.listeners[last]
	t.listeners[gone.at] = moved
	moved.user.subs[moved.sub].at = gone.at
	t.listeners[last] = listener{}
	t.listeners = t.listeners[:last]

	end := len(u.subs) - 1
	u.subs[i] = u.subs[end]
	u.subs[end] = sub{}
	u.subs = u.subs[:end]
	if i < end {
		at := u.subs[i]
		at.topic.listeners[at.at].sub = int32(i)
	}
	for _, s := range u.sessions {
		if s.focus == t {
			h.unfocus(s)
		}
	}
	if last == 0 {
		delete(h.topics, t.scope)
		if h.attaching > 0 { // whoever is about to listen must not fall behind what was delivered
			h.unheard[t.scope] = max(h.unheard[t.scope], t.rev)
		}
	}
}

// forget ends everything u follows; the next device reads it anew.
func (h *Hub) forget(u *user) {
	for len(u.subs) > 0 {
		h.unfollow(u, len(u.subs)-1)
	}
	u.subs, u.attached = nil, false
}
