package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// scanFunc reads the columns of the present row.
type scanFunc func(dest ...any) error

// each runs a query and calls fn for every row.
func each(ctx context.Context, q sqldb.Queryer, query string, args []any, fn func(scan scanFunc) error) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list runs a query and collects what scan makes of every row.
func list[T any](ctx context.Context, q sqldb.Queryer, query string, args []any, scan func(scanFunc) (T, error)) ([]T, error) {
	var all []T
	err := each(ctx, q, query, args, func(row scanFunc) error {
		one, err := scan(row)
		if err == nil {
			all = append(all, one)
		}
		return err
	})
	return all, err
}

// one runs a query for a single row; found is false if there is none.
func one[T any](ctx context.Context, q sqldb.Queryer, query string, args []any, scan func(scanFunc) (T, error)) (value T, found bool, err error) {
	value, err = scan(q.QueryRow(ctx, query, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return value, false, nil
	}
	return value, err == nil, err
}

// absent is the one answer for what does not exist and for what the asker may not know to exist.
func absent(noun string) error {
	return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such %s, or you are not in it", noun)
}

// orNull stores "" as NULL, so that a unique index lets many rows have none.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// escapeLike makes text match only itself in a LIKE with ESCAPE '!'.
func escapeLike(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}
