package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const (
	selectHeads = "SELECT kind, id, rev, seq FROM scopes WHERE kind=? AND id IN "
	insertHeads = "INSERT INTO scopes (kind, id, rev, seq)"
)

// LockHeads reads the counters of the scopes, which must be sorted, and locks them until the transaction
// ends, in the order of Scope.Compare. A scope that has no row yet is missing in the answer.
func LockHeads(ctx context.Context, tx *sqldb.Tx, scopes []myna.Scope) (map[myna.Scope]myna.Head, error) {
	tail := ""
	if lock := tx.ForUpdate(); lock != "" {
		tail = " ORDER BY id" + lock // rows are locked in the order they are read
	}
	heads, err := headsOf(ctx, tx, scopes, tail)
	if err != nil {
		return nil, fmt.Errorf("lock %d scopes: %w", len(scopes), err)
	}
	return heads, nil
}

// Heads reads the counters of the scopes, which must be sorted, without locking them.
func (s *Store) Heads(ctx context.Context, scopes []myna.Scope) (map[myna.Scope]myna.Head, error) {
	heads, err := headsOf(ctx, s.db, scopes, "")
	if err != nil {
		return nil, fmt.Errorf("read %d scopes: %w", len(scopes), err)
	}
	return heads, nil
}

func headsOf(ctx context.Context, q sqldb.Queryer, scopes []myna.Scope, tail string) (map[myna.Scope]myna.Head, error) {
	heads := make(map[myna.Scope]myna.Head, len(scopes))
	for len(scopes) > 0 {
		kind := scopes[0].Kind
		n := 1
		for n < len(scopes) && scopes[n].Kind == kind {
			n++
		}
		err := padded(scopes[:n], func(part []myna.Scope) error {
			args := []any{int64(kind)}
			for _, s := range part {
				args = append(args, s.ID)
			}
			return readHeads(ctx, q, heads, selectHeads+sqldb.List(len(part))+tail, args)
		})
		if err != nil {
			return nil, err
		}
		scopes = scopes[n:]
	}
	return heads, nil
}

func readHeads(ctx context.Context, q sqldb.Queryer, heads map[myna.Scope]myna.Head, query string, args []any) error {
	return each(ctx, q, query, args, func(scan scanFunc) error {
		var s myna.Scope
		var h myna.Head
		if err := scan(&s.Kind, &s.ID, &h.Rev, &h.Seq); err != nil {
			return err
		}
		heads[s] = h
		return nil
	})
}

// SaveHeads writes counters, new ones and moved ones alike.
func SaveHeads(ctx context.Context, tx *sqldb.Tx, heads map[myna.Scope]myna.Head) error {
	rows := make([][]any, 0, len(heads))
	for s, h := range heads {
		rows = append(rows, []any{int64(s.Kind), s.ID, h.Rev, h.Seq})
	}
	tail := tx.Engine().OrUpdate("kind, id", "rev", "seq")
	if err := insertMany(ctx, tx, insertHeads, 4, tail, rows); err != nil {
		return fmt.Errorf("save %d scopes: %w", len(heads), err)
	}
	return nil
}
