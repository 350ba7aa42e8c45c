package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const preferencesByUser = "SELECT user_id, theme, language, enter_key, rev FROM preferences WHERE user_id=?"

// PreferencesOf reads somebody's own settings, the defaults if they never changed any.
func PreferencesOf(ctx context.Context, q sqldb.Queryer, user myna.UserID) (myna.Preferences, error) {
	p, found, err := one(ctx, q, preferencesByUser, []any{int64(user)}, scanPreferences)
	if err != nil {
		return p, fmt.Errorf("preferences: %w", err)
	}
	if !found {
		p = myna.DefaultPreferences(user)
	}
	return p, nil
}

func scanPreferences(scan scanFunc) (p myna.Preferences, err error) {
	err = scan(&p.User, &p.Theme, &p.Language, &p.EnterKey, &p.Rev)
	return p, err
}

const insertPreferences = "INSERT INTO preferences (user_id, theme, language, enter_key, rev)"

// SavePreferences writes somebody's own settings.
func SavePreferences(ctx context.Context, tx *sqldb.Tx, p myna.Preferences) error {
	tail := tx.Engine().OrUpdate("user_id", "theme", "language", "enter_key", "rev")
	row := []any{int64(p.User), p.Theme, p.Language, p.EnterKey, p.Rev}
	if err := insertMany(ctx, tx, insertPreferences, len(row), tail, [][]any{row}); err != nil {
		return fmt.Errorf("save preferences: %w", err)
	}
	return nil
}
