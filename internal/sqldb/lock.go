package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rogpeppe/go-internal/lockedfile"
)

const (
	postgresLock = 0x6d796e61 // "myna"; advisory locks belong to one database

	// MySQL's named locks belong to the whole server, and names are at most 64 characters.
	mysqlLockName    = "CONCAT('myna:', SHA1(DATABASE()))"
	mysqlSessionName = "CONCAT('myna+', SHA1(DATABASE()))" // see resumable
	mysqlLockWait    = 5                                   // seconds a try, so that a context that ended is noticed
)

// lock takes the lock under which a database is migrated, waiting for it. It is let go of by unlock, or
// by the engine or operating system when the process dies.
func (db *DB) lock(ctx context.Context) (unlock func() error, err error) {
	if db.engine == SQLite {
		return lockFile(ctx, db.path+".lock")
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	release, args := "SELECT pg_advisory_unlock($1)", []any{postgresLock}
	if db.engine == MySQL {
		release, args = "SELECT RELEASE_LOCK("+mysqlLockName+")", nil
		err = lockMySQL(ctx, conn, mysqlLockName)
	} else {
		_, err = conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", postgresLock)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		var done sql.NullBool
		err := conn.QueryRowContext(context.WithoutCancel(ctx), release, args...).Scan(&done)
		if err == nil && !done.Bool {
			err = errors.New("the migration lock was lost while migrating")
		}
		return errors.Join(err, conn.Close())
	}, nil
}

func lockMySQL(ctx context.Context, conn *sql.Conn, name string) error {
	query := fmt.Sprintf("SELECT GET_LOCK(%s, %d)", name, mysqlLockWait)
	for {
		var got sql.NullInt64 // 1 taken, 0 time is up, NULL an error of the server's
		if err := conn.QueryRowContext(ctx, query).Scan(&got); err != nil {
			return err
		}
		if got.Int64 == 1 {
			return nil
		}
		if !got.Valid {
			return errors.New("GET_LOCK failed")
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// lockFile waits for the lock of a file beside the database. The file stays: removing it would let two
// processes hold locks of two files of the same name.
func lockFile(ctx context.Context, path string) (unlock func() error, err error) {
	type result struct {
		unlock func()
		err    error
	}
	taken := make(chan result, 1)
	go func() { // the wait cannot be broken off; when nobody wants the lock any more, it is given back
		release, err := lockedfile.MutexAt(path).Lock()
		taken <- result{release, err}
	}()
	select {
	case r := <-taken:
		if r.err != nil {
			return nil, r.err
		}
		return func() error { r.unlock(); return nil }, nil
	case <-ctx.Done():
		go func() {
			if r := <-taken; r.err == nil {
				r.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}
