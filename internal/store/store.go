// Package store holds the tables: one file a noun, one set of queries for three engines. Queries are
// constants beside the functions that use them.
//
// Reads that reach a room's content take the viewer and join their membership in the SQL itself. Writes
// are plain functions with a transaction, called by the journal (rows of scopes) and by package auth
// (sessions, links, invites). A Store is safe for concurrent use.
package store

import (
	"context"
	"slices"

	"github.com/myna-chat/myna/internal/sqldb"
)

// Store reads and writes Myna's tables in one database.
type Store struct {
	db *sqldb.DB
}

// New makes a Store over a migrated database.
func New(db *sqldb.DB) *Store { return &Store{db: db} }

// DB is the database underneath, for transactions.
func (s *Store) DB() *sqldb.DB { return s.db }

// chunkSizes are the numbers of rows one statement carries: few different texts, so that each stays
// prepared, and at most 64 rows, which keeps the widest row under SQLite's and PostgreSQL's limits of
// 32,766 and 65,535 parameters.
func chunkSizes() [4]int { return [4]int{64, 16, 4, 1} }

// chunks calls fn with consecutive parts of rows, each of one of the chunk sizes.
func chunks[T any](rows []T, fn func(part []T) error) error {
	for len(rows) > 0 {
		n := 1
		for _, size := range chunkSizes() {
			if size <= len(rows) {
				n = size
				break
			}
		}
		if err := fn(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// padded calls fn with parts of keys whose length is one of the chunk sizes, the last one filled up by
// repeating its last key: for look-ups, where a repetition is harmless.
func padded[T any](keys []T, fn func(part []T) error) error {
	sizes := chunkSizes()
	for len(keys) > 0 {
		n := min(len(keys), sizes[0])
		part := keys[:n]
		keys = keys[n:]
		size := sizes[0]
		for _, s := range sizes {
			if s >= n {
				size = s
			}
		}
		if size > n {
			part = slices.Clone(part)
			for len(part) < size {
				part = append(part, part[n-1])
			}
		}
		if err := fn(part); err != nil {
			return err
		}
	}
	return nil
}

// insertMany runs "INSERT INTO table (columns) VALUES …tail" over all rows, in chunks.
func insertMany(ctx context.Context, tx *sqldb.Tx, insert string, width int, tail string, rows [][]any) error {
	return chunks(rows, func(part [][]any) error {
		args := make([]any, 0, len(part)*width)
		for _, row := range part {
			args = append(args, row...)
		}
		_, err := tx.Exec(ctx, insert+" VALUES "+sqldb.Tuples(len(part), width)+tail, args...)
		return err
	})
}

// flag is how a bool is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
