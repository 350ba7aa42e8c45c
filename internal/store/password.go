package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const (
	insertPassword = "INSERT INTO passwords (user_id, hash, changed_at) VALUES (?,?,?)"
	rehash         = "UPDATE passwords SET hash=? WHERE user_id=? AND hash=?"
)

// SavePassword writes somebody's password hash, the first one or a new one.
func SavePassword(ctx context.Context, tx *sqldb.Tx, user myna.UserID, hash string, now myna.Time) error {
	tail := tx.Engine().OrUpdate("user_id", "hash", "changed_at")
	if _, err := tx.Exec(ctx, insertPassword+tail, int64(user), hash, int64(now)); err != nil {
		return fmt.Errorf("save password of %s: %w", user, err)
	}
	return nil
}

// Rehash replaces the hash of an unchanged password by a better one, unless the password was changed in
// the meantime.
func Rehash(ctx context.Context, tx *sqldb.Tx, user myna.UserID, old, better string) error {
	if _, err := tx.Exec(ctx, rehash, better, int64(user), old); err != nil {
		return fmt.Errorf("rehash password of %s: %w", user, err)
	}
	return nil
}
