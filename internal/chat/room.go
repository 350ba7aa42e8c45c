package chat

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/text"
)

// CreateRoom makes a channel or a conversation. A one-to-one or note to self that exists already, and
// the room an earlier request with the same nonce made, are answered as they are.
func (c *Chat) CreateRoom(ctx context.Context, p myna.Principal, in NewRoom) (FollowedRoom, error) {
	if in.Nonce == (myna.Nonce{}) {
		return FollowedRoom{}, myna.Errorf(myna.Invalid, myna.CodeBadNonce, "a new room needs a nonce: a ULID that is the same when it is sent again").In("nonce")
	}
	op, err := c.newRoom(p, in)
	if err != nil {
		return FollowedRoom{}, err
	}
	if err := c.journal.Do(ctx, op); err != nil {
		return FollowedRoom{}, err
	}
	return c.store.FollowedRoom(ctx, p.User, op.Made)
}

func (c *Chat) newRoom(p myna.Principal, in NewRoom) (*journal.CreateRoom, error) {
	if len(in.Members) > myna.MaxPageSize {
		return nil, tooManyPeople("members")
	}
	others := slices.DeleteFunc(slices.Clone(in.Members), func(u myna.UserID) bool { return u == p.User })
	slices.Sort(others)
	others = slices.Compact(others)
	op := &journal.CreateRoom{
		Principal: p,
		Room:      myna.Room{ID: myna.RoomID(myna.NewID(c.now())), Kind: in.Kind},
		Keys:      store.RoomKeys{Nonce: in.Nonce},
		Members:   others,
	}
	var err error
	if op.Room.Topic, err = cleanTopic(in.Topic); err != nil {
		return nil, err
	}
	if in.Kind != myna.DirectRoom {
		if op.Room.Name, err = cleanRoomName(in.Name); err == nil && op.Room.Name == "" {
			err = myna.Errorf(myna.Invalid, myna.CodeEmpty, "a channel needs a name").In("name")
		}
		if err == nil {
			op.Keys.Name, err = roomKey(op.Room.Name)
		}
		return op, err
	}
	if len(others) <= 1 {
		other := p.User
		if len(others) == 1 {
			other = others[0]
		}
		op.Room.Pair = true
		op.Keys.Pair = fmt.Sprintf("%d %d", min(p.User, other), max(p.User, other))
		if in.Name != "" {
			return nil, myna.Errorf(myna.Invalid, myna.CodeBadValue, "a conversation of two has no name").In("name")
		}
		return op, nil
	}
	op.Room.Name, err = cleanRoomName(in.Name)
	return op, err
}

// cleanRoomName makes the kept form of a room's name; "" stays "".
func cleanRoomName(name string) (string, error) {
	clean, ok := text.Clean(name)
	switch {
	case !ok:
		return "", myna.Errorf(myna.Invalid, myna.CodeBadName, "the name contains characters that cannot be seen: leave them out").In("name")
	case utf8.RuneCountInString(clean) > myna.MaxNameRunes:
		return "", myna.Errorf(myna.Invalid, myna.CodeTooLong, "a name has at most %d characters", myna.MaxNameRunes).In("name")
	}
	return clean, nil
}

// maxKeyRunes is the width of the column that holds a room's folded name. Folding makes some characters
// longer, one of them 18 times.
const maxKeyRunes = 190

// roomKey makes the form of a room's name by which channels are told apart.
func roomKey(name string) (string, error) {
	key := text.Fold(name)
	if utf8.RuneCountInString(key) > maxKeyRunes {
		return "", myna.Errorf(myna.Invalid, myna.CodeTooLong, "the name has too many characters that stand for several each: choose a shorter one").In("name")
	}
	return key, nil
}

func cleanTopic(topic string) (string, error) {
	clean, ok := text.Clean(topic)
	switch {
	case !ok:
		return "", myna.Errorf(myna.Invalid, myna.CodeBadName, "the topic contains characters that cannot be seen: leave them out").In("topic")
	case utf8.RuneCountInString(clean) > myna.MaxTopicRunes:
		return "", myna.Errorf(myna.Invalid, myna.CodeTooLong, "a topic has at most %d characters", myna.MaxTopicRunes).In("topic")
	}
	return clean, nil
}

// Room reads one room the asker is in.
func (c *Chat) Room(ctx context.Context, p myna.Principal, room myna.RoomID) (FollowedRoom, error) {
	return c.store.FollowedRoom(ctx, p.User, room)
}

// UpdateRoom changes what is not nil in patch.
func (c *Chat) UpdateRoom(ctx context.Context, p myna.Principal, room myna.RoomID, patch RoomPatch) (myna.Room, error) {
	op := &journal.UpdateRoom{Principal: p, Room: room, Archived: patch.Archived}
	if patch.Name != nil {
		name, err := cleanRoomName(*patch.Name)
		if err != nil {
			return myna.Room{}, err
		}
		op.Name = &name
		if op.NameKey, err = roomKey(name); err != nil {
			return myna.Room{}, err
		}
	}
	if patch.Topic != nil {
		topic, err := cleanTopic(*patch.Topic)
		if err != nil {
			return myna.Room{}, err
		}
		op.Topic = &topic
	}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Room{}, err
	}
	return op.Updated, nil
}

// Browse lists the open rooms whose name contains query, joined or not.
func (c *Chat) Browse(ctx context.Context, p myna.Principal, query string, after myna.RoomID, limit int) (BrowsePage, error) {
	limit, err := pageLimit(limit)
	if err != nil {
		return BrowsePage{}, err
	}
	if utf8.RuneCountInString(query) > myna.MaxNameRunes {
		return BrowsePage{}, myna.Errorf(myna.Invalid, myna.CodeTooLong, "a name has at most %d characters", myna.MaxNameRunes).In("q")
	}
	if _, ok := text.Clean(query); !ok { // no name has such characters, and PostgreSQL takes no NUL
		return BrowsePage{}, nil
	}
	return c.store.Browse(ctx, p.User, text.Fold(query), after, limit)
}

// Join puts the asker into an open room.
func (c *Chat) Join(ctx context.Context, p myna.Principal, room myna.RoomID) (FollowedRoom, error) {
	if err := c.journal.Do(ctx, &journal.Join{Principal: p, Room: room}); err != nil {
		return FollowedRoom{}, err
	}
	return c.store.FollowedRoom(ctx, p.User, room)
}

// Leave takes the asker out of a room.
func (c *Chat) Leave(ctx context.Context, p myna.Principal, room myna.RoomID) error {
	return c.journal.Do(ctx, &journal.Leave{Principal: p, Room: room})
}

// AddMembers puts others into a room.
func (c *Chat) AddMembers(ctx context.Context, p myna.Principal, room myna.RoomID, users []myna.UserID) error {
	if len(users) == 0 {
		return myna.Errorf(myna.Invalid, myna.CodeEmpty, "name at least one person to add").In("users")
	}
	if len(users) > myna.MaxPageSize {
		return tooManyPeople("users")
	}
	return c.journal.Do(ctx, &journal.AddMembers{Principal: p, Room: room, Users: users})
}

// tooManyPeople refuses long lists: each person costs the journal, which everybody waits for, some reads.
func tooManyPeople(field string) error {
	return myna.Errorf(myna.Invalid, myna.CodeTooLong, "add at most %d people at once", myna.MaxPageSize).In(field)
}

// RemoveMember takes somebody else out of a room.
func (c *Chat) RemoveMember(ctx context.Context, p myna.Principal, room myna.RoomID, user myna.UserID) error {
	return c.journal.Do(ctx, &journal.RemoveMember{Principal: p, Room: room, User: user})
}

// Members lists who is in a room the asker is in.
func (c *Chat) Members(ctx context.Context, p myna.Principal, room myna.RoomID, after myna.UserID, limit int) (MemberPage, error) {
	limit, err := pageLimit(limit)
	if err != nil {
		return MemberPage{}, err
	}
	return c.store.Members(ctx, p.User, room, after, limit)
}

// UpdateMembership changes the asker's own marks of a room.
func (c *Chat) UpdateMembership(ctx context.Context, p myna.Principal, room myna.RoomID, patch MembershipPatch) (myna.Membership, error) {
	op := &journal.UpdateMembership{Principal: p, Room: room, Favorite: patch.Favorite, Muted: patch.Muted}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Membership{}, err
	}
	return op.Membership, nil
}
