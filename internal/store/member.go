package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const memberColumns = "m.room_id, m.user_id, m.role, m.joined_at, m.has_left, m.rev"

func scanMember(scan scanFunc) (m myna.Member, err error) {
	err = scan(&m.Room, &m.User, &m.Role, &m.JoinedAt, &m.Left, &m.Rev)
	return m, err
}

const memberByKey = "SELECT " + memberColumns + " FROM members m WHERE m.room_id=? AND m.user_id=?"

// MemberOf reads somebody's place in a room, also of one who left; found is false if there never was.
func MemberOf(ctx context.Context, q sqldb.Queryer, room myna.RoomID, user myna.UserID) (myna.Member, bool, error) {
	return one(ctx, q, memberByKey, []any{int64(room), int64(user)}, scanMember)
}

const countMembers = "SELECT COUNT(*) FROM members WHERE room_id=? AND has_left=0"

// CountMembers counts who is in a room.
func CountMembers(ctx context.Context, q sqldb.Queryer, room myna.RoomID) (n int, err error) {
	err = q.QueryRow(ctx, countMembers, int64(room)).Scan(&n)
	return n, err
}

const countRooms = "SELECT COUNT(*) FROM memberships WHERE user_id=? AND has_left=0"

// CountRooms counts the rooms somebody is in.
func CountRooms(ctx context.Context, q sqldb.Queryer, user myna.UserID) (n int, err error) {
	err = q.QueryRow(ctx, countRooms, int64(user)).Scan(&n)
	return n, err
}

const insertMembers = "INSERT INTO members (room_id, user_id, role, joined_at, has_left, rev)"

// SaveMembers writes members, new ones and changed ones alike.
func SaveMembers(ctx context.Context, tx *sqldb.Tx, members []myna.Member) error {
	rows := make([][]any, len(members))
	for i, m := range members {
		rows[i] = []any{int64(m.Room), int64(m.User), int64(m.Role), int64(m.JoinedAt), flag(m.Left), m.Rev}
	}
	tail := tx.Engine().OrUpdate("room_id, user_id", "role", "joined_at", "has_left", "rev")
	if err := insertMany(ctx, tx, insertMembers, 6, tail, rows); err != nil {
		return fmt.Errorf("save %d members: %w", len(members), err)
	}
	return nil
}

const membershipColumns = "ms.user_id, ms.room_id, ms.read_seq, ms.favorite, ms.muted, ms.has_left, ms.rev"

func membershipFields(m *myna.Membership) []any {
	return []any{&m.User, &m.Room, &m.ReadSeq, &m.Favorite, &m.Muted, &m.Left, &m.Rev}
}

func scanMembership(scan scanFunc) (m myna.Membership, err error) {
	err = scan(membershipFields(&m)...)
	return m, err
}

const membershipByKey = "SELECT " + membershipColumns + " FROM memberships ms WHERE ms.user_id=? AND ms.room_id=?"

// MembershipOf reads somebody's own marks of a room, also after leaving it.
func MembershipOf(ctx context.Context, q sqldb.Queryer, user myna.UserID, room myna.RoomID) (myna.Membership, bool, error) {
	return one(ctx, q, membershipByKey, []any{int64(user), int64(room)}, scanMembership)
}

const insertMemberships = "INSERT INTO memberships (user_id, room_id, read_seq, favorite, muted, has_left, rev)"

// SaveMemberships writes memberships, new ones and changed ones alike.
func SaveMemberships(ctx context.Context, tx *sqldb.Tx, memberships []myna.Membership) error {
	rows := make([][]any, len(memberships))
	for i, m := range memberships {
		rows[i] = []any{int64(m.User), int64(m.Room), m.ReadSeq, flag(m.Favorite), flag(m.Muted), flag(m.Left), m.Rev}
	}
	tail := tx.Engine().OrUpdate("user_id, room_id", "read_seq", "favorite", "muted", "has_left", "rev")
	if err := insertMany(ctx, tx, insertMemberships, 7, tail, rows); err != nil {
		return fmt.Errorf("save %d memberships: %w", len(memberships), err)
	}
	return nil
}

// MemberPage is a part of a room's members, by user id; Next is 0 on the last one.
type MemberPage struct {
	Members []myna.Member
	Head    int64
	Next    myna.UserID
}

const listMembers = "SELECT " + memberColumns + ` FROM members m
	JOIN members v ON v.room_id=m.room_id AND v.user_id=? AND v.has_left=0
	WHERE m.room_id=? AND m.user_id>? AND m.has_left=0 ORDER BY m.user_id LIMIT ?`

// Members lists who is in a room, for a viewer who is in it.
func (s *Store) Members(ctx context.Context, viewer myna.UserID, room myna.RoomID, after myna.UserID, limit int) (MemberPage, error) {
	var page MemberPage
	err := s.db.View(ctx, func(tx *sqldb.Tx) error {
		head, err := headFor(ctx, tx, viewer, room)
		if err != nil {
			return err
		}
		args := []any{int64(viewer), int64(room), int64(after), int64(limit + 1)}
		members, err := list(ctx, tx, listMembers, args, scanMember)
		page = MemberPage{Members: members, Head: head.Rev}
		if len(members) > limit {
			page.Members = members[:limit]
			page.Next = members[limit-1].User
		}
		return err
	})
	if err != nil {
		return MemberPage{}, fmt.Errorf("members of %s: %w", room, err)
	}
	return page, nil
}

const headForViewer = `SELECT s.rev, s.seq FROM members v JOIN scopes s ON s.kind=3 AND s.id=v.room_id
	WHERE v.room_id=? AND v.user_id=? AND v.has_left=0`

// headFor is where a room stands, for a viewer who is in it; NotFound for anybody else.
func headFor(ctx context.Context, q sqldb.Queryer, viewer myna.UserID, room myna.RoomID) (myna.Head, error) {
	head, found, err := one(ctx, q, headForViewer, []any{int64(room), int64(viewer)}, func(scan scanFunc) (h myna.Head, err error) {
		err = scan(&h.Rev, &h.Seq)
		return h, err
	})
	if err == nil && !found {
		err = absent("room")
	}
	return head, err
}
