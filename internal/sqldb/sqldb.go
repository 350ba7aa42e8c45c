// Package sqldb opens SQLite, PostgreSQL or MySQL/MariaDB and gives the rest of Myna one way to talk to
// them: one query text with `?` for every engine, one-snapshot reading transactions (View), writing
// transactions that are retried whole when the engine asks for it (Update), a few dialect fragments, and
// migrations under a lock of our own. It knows no table of ours.
//
// Reading and writing use separate connection pools, so that readers never starve the writer. SQLite
// has one writing connection and a few that can only read. Every method of DB is safe for concurrent
// use; a Tx belongs to the function it was given to and is used by one goroutine at a time.
//
// What it does not do: build queries, map rows to structs, or hide that a unique index was hit.
package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// A page of history is read in well under a millisecond, so a few connections carry thousands of
	// readers; more would only compete for the same cores.
	serverReadConns  = 12
	sqliteReadConns  = 4
	serverWriteConns = 4 // the journal's, and some for what the journal does not write

	// Proxies and firewalls drop connections they think are dead; ours are renewed before that.
	connMaxLifetime = 30 * time.Minute
	connMaxIdle     = 5 * time.Minute
)

// DB is an open database.
type DB struct {
	engine Engine
	read   *sql.DB
	write  *sql.DB
	path   string // of the SQLite file, "" otherwise
	texts  rebinder

	connector driver.Connector // of the writing pool

	dataVersion atomic.Int64 // SQLite's data_version when ChangedElsewhere last looked
}

// Queryer reads. DB does so outside of transactions, Tx inside of one.
type Queryer interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
	Engine() Engine
}

var (
	_ Queryer = (*DB)(nil)
	_ Queryer = (*Tx)(nil)
)

// Open connects to the database a URL names:
//
//	sqlite:PATH                               the file is created when it is missing
//	postgres://user:password@host:port/name   and what libpq's URLs allow behind a `?`
//	mysql://user:password@host:port/name      also mariadb://; ?tls=true|skip-verify|preferred, ?socket=/path
//
// The error names what is wrong and never contains the password.
func Open(ctx context.Context, url string) (*DB, error) {
	target, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	db := &DB{
		engine:    target.engine,
		path:      target.path,
		read:      sql.OpenDB(target.read),
		write:     sql.OpenDB(target.write),
		connector: target.write,
	}
	db.size()
	if err := db.write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", target.shown, err), db.Close())
	}
	return db, nil
}

func (db *DB) size() {
	reads, writes := serverReadConns, serverWriteConns
	if db.engine == SQLite {
		reads, writes = max(sqliteReadConns, runtime.GOMAXPROCS(0)), 1
	}
	for pool, n := range map[*sql.DB]int{db.read: reads, db.write: writes} {
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		if db.engine != SQLite { // a file's connections never go stale, and keep their prepared statements
			pool.SetConnMaxLifetime(connMaxLifetime)
			pool.SetConnMaxIdleTime(connMaxIdle)
		}
	}
}

// Engine tells which database this is.
func (db *DB) Engine() Engine { return db.engine }

// Path is the SQLite file's path, "" on the other engines.
func (db *DB) Path() string { return db.path }

// Close closes every connection after the statements that run on them have ended.
func (db *DB) Close() error { return errors.Join(db.read.Close(), db.write.Close()) }

// Query runs a reading statement outside of a transaction.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.read.QueryContext(ctx, db.rebind(query), args...)
}

// QueryRow runs a reading statement of at most one row outside of a transaction.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.read.QueryRowContext(ctx, db.rebind(query), args...)
}

// Stats tells how the two pools are used and waited for.
func (db *DB) Stats() (read, write sql.DBStats) { return db.read.Stats(), db.write.Stats() }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.read.PingContext(ctx) }

// ChangedElsewhere tells, cheaply, whether another process may have written to the database since the
// last call; the first call says true. Only SQLite can tell: on the other engines the answer is always
// true. It waits for the writing connection, so it is for a poll, not for a request.
func (db *DB) ChangedElsewhere(ctx context.Context) (bool, error) {
	if db.engine != SQLite {
		return true, nil
	}
	var version int64
	if err := db.write.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
		return true, fmt.Errorf("read data_version: %w", err)
	}
	return db.dataVersion.Swap(version) != version, nil
}

func (db *DB) rebind(query string) string {
	if db.engine != Postgres {
		return query
	}
	return db.texts.text(query)
}
