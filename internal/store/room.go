package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const roomColumns = "r.id, r.kind, r.name, r.topic, CASE WHEN r.pair_key IS NULL THEN 0 ELSE 1 END, r.is_default, r.created_by, r.created_at, r.archived_at, r.rev"

func scanRoom(scan scanFunc) (r myna.Room, err error) {
	err = scan(roomFields(&r)...)
	return r, err
}

func roomFields(r *myna.Room) []any {
	return []any{&r.ID, &r.Kind, &r.Name, &r.Topic, &r.Pair, &r.Default, &r.CreatedBy, &r.CreatedAt, &r.ArchivedAt, &r.Rev}
}

const roomByID = "SELECT " + roomColumns + " FROM rooms r WHERE r.id=?"

// RoomByID reads a room for a decision about rights; found is false if there is none.
func RoomByID(ctx context.Context, q sqldb.Queryer, id myna.RoomID) (room myna.Room, found bool, err error) {
	return one(ctx, q, roomByID, []any{int64(id)}, scanRoom)
}

// RoomKeys are the columns of a room that make it unique; "" stands for none.
type RoomKeys struct {
	Name  string // case-folded name of a channel
	Pair  string // both people of a one-to-one, or the one of a note to self
	Nonce myna.Nonce
}

const (
	roomByNonce = "SELECT " + roomColumns + " FROM rooms r WHERE r.created_by=? AND r.nonce=?"
	roomByPair  = "SELECT " + roomColumns + " FROM rooms r WHERE r.pair_key=?"
	roomByName  = "SELECT " + roomColumns + " FROM rooms r WHERE r.name_key=?"
)

// RoomByNonce finds what the same request made before.
func RoomByNonce(ctx context.Context, q sqldb.Queryer, maker myna.UserID, nonce myna.Nonce) (myna.Room, bool, error) {
	return one(ctx, q, roomByNonce, []any{int64(maker), nonce[:]}, scanRoom)
}

// RoomByPair finds a one-to-one or note to self.
func RoomByPair(ctx context.Context, q sqldb.Queryer, key string) (myna.Room, bool, error) {
	return one(ctx, q, roomByPair, []any{key}, scanRoom)
}

// RoomByName finds a channel by its case-folded name.
func RoomByName(ctx context.Context, q sqldb.Queryer, key string) (myna.Room, bool, error) {
	return one(ctx, q, roomByName, []any{key}, scanRoom)
}

const insertRooms = "INSERT INTO rooms (id, kind, name, name_key, pair_key, topic, is_default, created_by, nonce, created_at, archived_at, rev)"

// InsertRoom adds a room.
func InsertRoom(ctx context.Context, tx *sqldb.Tx, r myna.Room, k RoomKeys) error {
	row := []any{
		int64(r.ID), int64(r.Kind), r.Name, orNull(k.Name), orNull(k.Pair), r.Topic, flag(r.Default),
		int64(r.CreatedBy), k.Nonce[:], int64(r.CreatedAt), int64(r.ArchivedAt), r.Rev,
	}
	if err := insertMany(ctx, tx, insertRooms, len(row), "", [][]any{row}); err != nil {
		return fmt.Errorf("insert room: %w", err)
	}
	return nil
}

const (
	updateRoom     = "UPDATE rooms SET topic=?, archived_at=?, rev=? WHERE id=?"
	updateRoomName = "UPDATE rooms SET name=?, name_key=? WHERE id=?"
)

// UpdateRoom writes what can change of a room. nameKey is its case-folded name, "" for conversations;
// only when renamed is true are the two written.
func UpdateRoom(ctx context.Context, tx *sqldb.Tx, r myna.Room, renamed bool, nameKey string) error {
	_, err := tx.Exec(ctx, updateRoom, r.Topic, int64(r.ArchivedAt), r.Rev, int64(r.ID))
	if err == nil && renamed {
		_, err = tx.Exec(ctx, updateRoomName, r.Name, orNull(nameKey), int64(r.ID))
	}
	if err != nil {
		return fmt.Errorf("update room: %w", err)
	}
	return nil
}

const defaultRooms = "SELECT " + roomColumns + " FROM rooms r WHERE r.is_default=1 AND r.archived_at=0"

// DefaultRooms are the ones everybody joins.
func DefaultRooms(ctx context.Context, q sqldb.Queryer) ([]myna.Room, error) {
	return list(ctx, q, defaultRooms, nil, scanRoom)
}

// BrowsedRoom is an open room as found by somebody who may not be in it.
type BrowsedRoom struct {
	Room    myna.Room
	Members int
	Joined  bool
}

// BrowsePage is a part of the open rooms, by room id; Next is 0 on the last one.
type BrowsePage struct {
	Rooms []BrowsedRoom
	Next  myna.RoomID
}

const browseRooms = "SELECT " + roomColumns + `,
	(SELECT COUNT(*) FROM members m WHERE m.room_id=r.id AND m.has_left=0),
	(SELECT COUNT(*) FROM members m WHERE m.room_id=r.id AND m.user_id=? AND m.has_left=0)
	FROM rooms r WHERE r.kind=1 AND r.archived_at=0 AND r.id>? AND r.name_key LIKE ? ESCAPE '!' ORDER BY r.id LIMIT ?`

// Browse lists open rooms whose case-folded name contains the given text, for a viewer.
func (s *Store) Browse(ctx context.Context, viewer myna.UserID, nameKey string, after myna.RoomID, limit int) (BrowsePage, error) {
	args := []any{int64(viewer), int64(after), "%" + escapeLike(nameKey) + "%", int64(limit + 1)}
	rooms, err := list(ctx, s.db, browseRooms, args, func(scan scanFunc) (b BrowsedRoom, err error) {
		err = scan(append(roomFields(&b.Room), &b.Members, &b.Joined)...)
		return b, err
	})
	if err != nil {
		return BrowsePage{}, fmt.Errorf("browse rooms: %w", err)
	}
	page := BrowsePage{Rooms: rooms}
	if len(rooms) > limit {
		page.Rooms = rooms[:limit]
		page.Next = rooms[limit-1].Room.ID
	}
	return page, nil
}
