package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const draftColumns = "d.user_id, d.room_id, d.body, d.updated_at, d.rev"

func scanDraft(scan scanFunc) (d myna.Draft, err error) {
	err = scan(&d.User, &d.Room, &d.Text, &d.UpdatedAt, &d.Rev)
	return d, err
}

const draftByKey = "SELECT " + draftColumns + " FROM drafts d WHERE d.user_id=? AND d.room_id=?"

// DraftOf reads what somebody has not sent yet in a room; an empty one if nothing.
func DraftOf(ctx context.Context, q sqldb.Queryer, user myna.UserID, room myna.RoomID) (myna.Draft, error) {
	d, found, err := one(ctx, q, draftByKey, []any{int64(user), int64(room)}, scanDraft)
	if !found {
		d = myna.Draft{User: user, Room: room}
	}
	return d, err
}

const insertDrafts = "INSERT INTO drafts (user_id, room_id, body, updated_at, rev)"

// SaveDraft writes what somebody has not sent yet; an empty text stays as a row, so that other devices
// hear of it.
func SaveDraft(ctx context.Context, tx *sqldb.Tx, d myna.Draft) error {
	tail := tx.Engine().OrUpdate("user_id, room_id", "body", "updated_at", "rev")
	row := []any{int64(d.User), int64(d.Room), d.Text, int64(d.UpdatedAt), d.Rev}
	if err := insertMany(ctx, tx, insertDrafts, len(row), tail, [][]any{row}); err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}
