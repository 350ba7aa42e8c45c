package journal

import (
	"context"
	"slices"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// CreateRoom makes a room. The same nonce of the same maker, and a one-to-one or note to self that
// exists already, get the room that is there.
type CreateRoom struct {
	Principal myna.Principal
	Room      myna.Room // ID, Kind, Name, Topic and Pair are used
	Keys      store.RoomKeys
	Members   []myna.UserID // besides the maker

	Made myna.RoomID
}

func (c *CreateRoom) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	scopes := []myna.Scope{c.Room.ID.Scope(), c.Principal.User.Scope()}
	for _, user := range c.Members {
		scopes = append(scopes, user.Scope())
	}
	return scopes, nil
}

func (c *CreateRoom) apply(ctx context.Context, b *batch) error {
	if !myna.Can(c.Principal, myna.CreateRoom, nil) {
		return myna.Errorf(myna.Denied, myna.CodeDenied, "you may not create rooms")
	}
	existing, found, err := c.existing(ctx, b)
	if err != nil {
		return err
	}
	if found {
		c.Made = existing.ID
		return nil
	}
	people := slices.Clone(c.Members)
	people = append(people, c.Principal.User)
	slices.Sort(people)
	people = slices.Compact(people)
	if err := b.mayAdd(ctx, c.Room, 0, people); err != nil {
		return err
	}
	if err := c.insert(ctx, b); err != nil {
		return err
	}
	c.Made = c.Room.ID
	return b.addMembers(ctx, c.Room, people, c.Principal.User)
}

func (c *CreateRoom) existing(ctx context.Context, b *batch) (myna.Room, bool, error) {
	r, found, err := store.RoomByNonce(ctx, b.tx, c.Principal.User, c.Keys.Nonce)
	if err != nil || found {
		return r, found, err
	}
	if c.Keys.Pair != "" {
		return store.RoomByPair(ctx, b.tx, c.Keys.Pair)
	}
	if c.Keys.Name != "" {
		_, taken, err := store.RoomByName(ctx, b.tx, c.Keys.Name)
		if err != nil {
			return r, false, err
		}
		if taken {
			return r, false, nameTaken(c.Room.Name)
		}
	}
	return r, false, nil
}

func nameTaken(name string) error {
	return myna.Errorf(myna.Conflict, myna.CodeNameTaken, "there is a channel called %q already: choose another name", name).In("name")
}

func (c *CreateRoom) insert(ctx context.Context, b *batch) error {
	c.Room.CreatedBy, c.Room.CreatedAt = c.Principal.User, b.now
	c.Room.Rev = b.next(c.Room.ID.Scope())
	if err := store.InsertRoom(ctx, b.tx, c.Room, c.Keys); err != nil {
		return err
	}
	b.changed(c.Room.ID.Scope(), c.Room.Rev, c.Room)
	return nil
}

// mayAdd checks that people exist and that neither the room (with has members) nor anybody gets too full.
func (b *batch) mayAdd(ctx context.Context, room myna.Room, has int, people []myna.UserID) error {
	most := myna.MaxRoomMembers
	if room.Kind == myna.DirectRoom {
		most = myna.MaxGroupMembers
	}
	if has+len(people) > most {
		return myna.Errorf(myna.Conflict, myna.CodeRoomFull, "this room takes at most %d people", most).In("members")
	}
	active, err := store.ActiveUsers(ctx, b.tx, people)
	if err != nil {
		return err
	}
	for _, user := range people {
		if !active[user] {
			return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such person: %s", user).In("members")
		}
		n, err := store.CountRooms(ctx, b.tx, user)
		if err != nil {
			return err
		}
		if n >= myna.MaxRoomsPerUser {
			return myna.Errorf(myna.Conflict, myna.CodeRoomFull, "%s is in %d rooms, the most one person can be in", user, n).In("members")
		}
	}
	return nil
}

// addMembers puts people into a room, who know its history as read. lead becomes the room's admin.
func (b *batch) addMembers(ctx context.Context, room myna.Room, people []myna.UserID, lead myna.UserID) error {
	members := make([]myna.Member, 0, len(people))
	memberships := make([]myna.Membership, 0, len(people))
	for _, user := range people {
		role := myna.PlainMember
		if user == lead && room.Kind != myna.DirectRoom {
			role = myna.RoomAdmin
		}
		ms, _, err := store.MembershipOf(ctx, b.tx, user, room.ID)
		if err != nil {
			return err
		}
		ms.User, ms.Room, ms.Left = user, room.ID, false
		ms.ReadSeq = b.heads[room.ID.Scope()].Seq
		ms.Rev = b.next(user.Scope())
		memberships = append(memberships, ms)
		members = append(members, myna.Member{
			Room: room.ID, User: user, Role: role, JoinedAt: b.now, Rev: b.next(room.ID.Scope()),
		})
	}
	return b.savePlaces(ctx, members, memberships)
}

// savePlaces writes both sides of people's places in rooms.
func (b *batch) savePlaces(ctx context.Context, members []myna.Member, memberships []myna.Membership) error {
	if err := store.SaveMembers(ctx, b.tx, members); err != nil {
		return err
	}
	if err := store.SaveMemberships(ctx, b.tx, memberships); err != nil {
		return err
	}
	for _, m := range members {
		b.changed(m.Room.Scope(), m.Rev, m)
	}
	for _, ms := range memberships {
		b.changed(ms.User.Scope(), ms.Rev, ms)
	}
	return nil
}

// UpdateRoom changes a room's name, topic or whether it is archived; nil leaves a part as it is.
type UpdateRoom struct {
	Principal myna.Principal
	Room      myna.RoomID
	Name      *string
	NameKey   string // with Name, of channels
	Topic     *string
	Archived  *bool

	Updated myna.Room
}

func (u *UpdateRoom) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{u.Room.Scope()}, nil
}

func (u *UpdateRoom) apply(ctx context.Context, b *batch) error {
	verb := myna.UpdateRoom
	if u.Archived != nil {
		verb = myna.ArchiveRoom
	}
	at, err := b.allow(ctx, u.Principal, verb, u.Room)
	if err != nil {
		return err
	}
	room, old := at.Room, at.Room
	if u.Name != nil {
		if err := u.checkName(ctx, b, room.Kind); err != nil {
			return err
		}
		room.Name = *u.Name
	}
	if u.Topic != nil {
		room.Topic = *u.Topic
	}
	if u.Archived != nil {
		room.ArchivedAt = archivedAt(*u.Archived, room.ArchivedAt, b.now)
	}
	u.Updated = room
	if room == old {
		return nil
	}
	return u.save(ctx, b, room)
}

func archivedAt(archived bool, since, now myna.Time) myna.Time {
	switch {
	case !archived:
		return 0
	case since != 0:
		return since
	}
	return now
}

func (u *UpdateRoom) checkName(ctx context.Context, b *batch, kind myna.RoomKind) error {
	if kind == myna.DirectRoom {
		u.NameKey = "" // conversations may share a name
		return nil
	}
	if *u.Name == "" {
		return myna.Errorf(myna.Invalid, myna.CodeEmpty, "a channel needs a name").In("name")
	}
	other, taken, err := store.RoomByName(ctx, b.tx, u.NameKey)
	if err != nil {
		return err
	}
	if taken && other.ID != u.Room {
		return nameTaken(*u.Name)
	}
	return nil
}

func (u *UpdateRoom) save(ctx context.Context, b *batch, room myna.Room) error {
	room.Rev = b.next(u.Room.Scope())
	if err := store.UpdateRoom(ctx, b.tx, room, u.Name != nil, u.NameKey); err != nil {
		return err
	}
	b.changed(u.Room.Scope(), room.Rev, room)
	u.Updated = room
	return nil
}
