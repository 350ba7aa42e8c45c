package journal

import (
	"context"
	"slices"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// Join puts the asker into an open room.
type Join struct {
	Principal myna.Principal
	Room      myna.RoomID
}

func (j *Join) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{j.Room.Scope(), j.Principal.User.Scope()}, nil
}

func (j *Join) apply(ctx context.Context, b *batch) error {
	at, err := b.allow(ctx, j.Principal, myna.Join, j.Room)
	if err != nil {
		return err
	}
	if at.Member {
		return nil
	}
	return b.add(ctx, at.Room, []myna.UserID{j.Principal.User})
}

// AddMembers puts others into a room. Those who are in it already stay as they are.
type AddMembers struct {
	Principal myna.Principal
	Room      myna.RoomID
	Users     []myna.UserID
}

func (a *AddMembers) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	scopes := []myna.Scope{a.Room.Scope()}
	for _, user := range a.Users {
		scopes = append(scopes, user.Scope())
	}
	return scopes, nil
}

func (a *AddMembers) apply(ctx context.Context, b *batch) error {
	at, err := b.allow(ctx, a.Principal, myna.AddMember, a.Room)
	if err != nil {
		return err
	}
	users := slices.Clone(a.Users)
	slices.Sort(users)
	var absent []myna.UserID
	for _, user := range slices.Compact(users) {
		m, err := b.member(ctx, a.Room, user)
		if err != nil {
			return err
		}
		if !m.active() {
			absent = append(absent, user)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return b.add(ctx, at.Room, absent)
}

func (b *batch) add(ctx context.Context, room myna.Room, people []myna.UserID) error {
	has, err := store.CountMembers(ctx, b.tx, room.ID)
	if err != nil {
		return err
	}
	if err := b.mayAdd(ctx, room, has, people); err != nil {
		return err
	}
	return b.addMembers(ctx, room, people, 0)
}

// Leave takes the asker out of a room.
type Leave struct {
	Principal myna.Principal
	Room      myna.RoomID
}

func (l *Leave) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{l.Room.Scope(), l.Principal.User.Scope()}, nil
}

func (l *Leave) apply(ctx context.Context, b *batch) error {
	if _, err := b.allow(ctx, l.Principal, myna.Leave, l.Room); err != nil {
		return err
	}
	return b.takeOut(ctx, l.Room, l.Principal.User)
}

// RemoveMember takes somebody else out of a room. Nothing after the change's rev reaches them.
type RemoveMember struct {
	Principal myna.Principal
	Room      myna.RoomID
	User      myna.UserID
}

func (r *RemoveMember) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{r.Room.Scope(), r.User.Scope()}, nil
}

func (r *RemoveMember) apply(ctx context.Context, b *batch) error {
	if _, err := b.allow(ctx, r.Principal, myna.RemoveMember, r.Room); err != nil {
		return err
	}
	m, err := b.member(ctx, r.Room, r.User)
	if err != nil {
		return err
	}
	if !m.active() {
		return myna.Errorf(myna.NotFound, myna.CodeNotFound, "this person is not in the room")
	}
	return b.takeOut(ctx, r.Room, r.User)
}

func (b *batch) takeOut(ctx context.Context, room myna.RoomID, user myna.UserID) error {
	m, err := b.member(ctx, room, user)
	if err != nil {
		return err
	}
	ms, _, err := store.MembershipOf(ctx, b.tx, user, room)
	if err != nil {
		return err
	}
	m.Left, m.Role, m.Rev = true, myna.PlainMember, b.next(room.Scope())
	ms.User, ms.Room, ms.Left, ms.Rev = user, room, true, b.next(user.Scope())
	return b.savePlaces(ctx, []myna.Member{m.Member}, []myna.Membership{ms})
}

// Read moves the asker's read mark: forward to Seq, or with Unread to just before it.
type Read struct {
	Principal myna.Principal
	Room      myna.RoomID
	Seq       int64
	Unread    bool

	Membership myna.Membership
}

func (r *Read) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	// The room is locked too: its newest seq bounds the mark.
	return []myna.Scope{r.Room.Scope(), r.Principal.User.Scope()}, nil
}

func (r *Read) apply(ctx context.Context, b *batch) error {
	if _, err := b.allow(ctx, r.Principal, myna.Read, r.Room); err != nil {
		return err
	}
	ms, err := b.own(ctx, r.Principal, r.Room)
	if err != nil {
		return err
	}
	mark := min(r.Seq, b.heads[r.Room.Scope()].Seq)
	if r.Unread {
		mark = max(mark-1, 0)
	} else {
		mark = max(mark, ms.ReadSeq)
	}
	r.Membership = ms
	if mark == ms.ReadSeq {
		return nil
	}
	ms.ReadSeq = mark
	r.Membership, err = b.saveMembership(ctx, ms)
	return err
}

// UpdateMembership changes the asker's own marks of a room; nil leaves one as it is.
type UpdateMembership struct {
	Principal myna.Principal
	Room      myna.RoomID
	Favorite  *bool
	Muted     *bool

	Membership myna.Membership
}

func (u *UpdateMembership) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{u.Room.Scope(), u.Principal.User.Scope()}, nil
}

func (u *UpdateMembership) apply(ctx context.Context, b *batch) error {
	if _, err := b.allow(ctx, u.Principal, myna.Read, u.Room); err != nil {
		return err
	}
	ms, err := b.own(ctx, u.Principal, u.Room)
	if err != nil {
		return err
	}
	old := ms
	if u.Favorite != nil {
		ms.Favorite = *u.Favorite
	}
	if u.Muted != nil {
		ms.Muted = *u.Muted
	}
	u.Membership = ms
	if ms == old {
		return nil
	}
	u.Membership, err = b.saveMembership(ctx, ms)
	return err
}

func (b *batch) own(ctx context.Context, p myna.Principal, room myna.RoomID) (myna.Membership, error) {
	ms, found, err := store.MembershipOf(ctx, b.tx, p.User, room)
	if err == nil && !found {
		err = myna.Errorf(myna.NotFound, myna.CodeNotFound, "you are not in this room")
	}
	return ms, err
}

func (b *batch) saveMembership(ctx context.Context, ms myna.Membership) (myna.Membership, error) {
	ms.Rev = b.next(ms.User.Scope())
	if err := store.SaveMemberships(ctx, b.tx, []myna.Membership{ms}); err != nil {
		return ms, err
	}
	b.changed(ms.User.Scope(), ms.Rev, ms)
	return ms, nil
}
