package journal

import "github.com/myna-chat/myna"

const (
	// maxCachedRooms bounds the cache; when it is full it is emptied, and the rooms in use come back
	// with the next batches.
	maxCachedRooms = 10_000
	// maxCachedMembers bounds what is known of one room, in the same way.
	maxCachedMembers = 2_000
)

// roomCache keeps rooms and members that the writer has read, so that posting does not read them again.
// Another process may write the same rooms; but every change of a room or a member moves the room's
// counter, which each batch reads and locks: what was read when the counter stood where it stands now
// is still true. check throws the rest away.
type roomCache struct {
	rooms map[myna.RoomID]*cachedRoom
}

type cachedRoom struct {
	rev     int64 // where the room's counter stood when the rest was true
	known   bool  // room has been read
	room    myna.Room
	members map[myna.UserID]place
}

func newRoomCache() *roomCache { return &roomCache{rooms: map[myna.RoomID]*cachedRoom{}} }

// check drops what may have changed behind our back, given the counters as they are now.
func (c *roomCache) check(heads map[myna.Scope]myna.Head) {
	if len(c.rooms) > maxCachedRooms {
		c.forgetAll()
	}
	for s, h := range heads {
		if s.Kind != myna.RoomKindScope {
			continue
		}
		cached := c.rooms[myna.RoomID(s.ID)]
		if cached == nil || cached.rev != h.Rev || len(cached.members) > maxCachedMembers {
			c.rooms[myna.RoomID(s.ID)] = &cachedRoom{rev: h.Rev, members: map[myna.UserID]place{}}
		}
	}
}

func (c *roomCache) forgetAll() { clear(c.rooms) }

// stand notes where a room's counter stands after our own commit.
func (c *roomCache) stand(s myna.Scope, rev int64) {
	if cached := c.rooms[myna.RoomID(s.ID)]; cached != nil && s.Kind == myna.RoomKindScope {
		cached.rev = rev
	}
}

func (c *roomCache) room(id myna.RoomID) (myna.Room, bool) {
	if cached := c.rooms[id]; cached != nil && cached.known {
		return cached.room, true
	}
	return myna.Room{}, false
}

func (c *roomCache) putRoom(r myna.Room) {
	if cached := c.rooms[r.ID]; cached != nil {
		cached.room, cached.known = r, true
	}
}

func (c *roomCache) member(room myna.RoomID, user myna.UserID) (place, bool) {
	if cached := c.rooms[room]; cached != nil {
		p, ok := cached.members[user]
		return p, ok
	}
	return place{}, false
}

func (c *roomCache) putMember(room myna.RoomID, user myna.UserID, p place) {
	if cached := c.rooms[room]; cached != nil {
		cached.members[user] = p
	}
}

// apply follows a change of our own.
func (c *roomCache) apply(s myna.Scope, row myna.Row) {
	switch r := row.(type) {
	case myna.Room:
		c.putRoom(r)
	case myna.Member:
		c.putMember(r.Room, r.User, place{Member: r, exists: true})
	}
}
