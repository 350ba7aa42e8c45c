package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// settingsID is the key of the only row.
const settingsID = 1

const readSettings = "SELECT name, registration, rev FROM settings WHERE id=1"

// SettingsOf reads the server's own settings: a name and registration by invitation until it is set up.
func SettingsOf(ctx context.Context, q sqldb.Queryer) (myna.Settings, error) {
	s, found, err := one(ctx, q, readSettings, nil, scanSettings)
	if err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	if !found {
		s = myna.Settings{Name: "Myna", Registration: "invite"}
	}
	return s, nil
}

func scanSettings(scan scanFunc) (s myna.Settings, err error) {
	err = scan(&s.Name, &s.Registration, &s.Rev)
	return s, err
}

// Settings reads the server's own settings.
func (s *Store) Settings(ctx context.Context) (myna.Settings, error) { return SettingsOf(ctx, s.db) }

const insertSettings = "INSERT INTO settings (id, name, registration, rev)"

// SaveSettings writes the server's own settings.
func SaveSettings(ctx context.Context, tx *sqldb.Tx, s myna.Settings) error {
	tail := tx.Engine().OrUpdate("id", "name", "registration", "rev")
	row := []any{int64(settingsID), s.Name, s.Registration, s.Rev}
	if err := insertMany(ctx, tx, insertSettings, len(row), tail, [][]any{row}); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}
