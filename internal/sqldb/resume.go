package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
)

// On MySQL each statement that changes the schema commits by itself, and what follows it is outside of any
// transaction. A migration that is killed stays half done and would fail for ever after: its first table
// exists. Therefore each statement is a transaction of its own, in which one row notes the statement that
// runs and then the one that comes next. The next start skips what stands before the noted statement. A
// statement that changes rows is there together with its note. One that changes the schema commits the
// note before it runs, so nobody knows whether it took place; that one alone may find its work done.

const (
	noteTable  = "CREATE TABLE IF NOT EXISTS myna_migration (id BIGINT NOT NULL PRIMARY KEY, doing BIGINT NOT NULL, unsure BIGINT NOT NULL) ENGINE=InnoDB"
	noteFirst  = "INSERT INTO myna_migration (id, doing, unsure) VALUES (1, 0, 0) ON DUPLICATE KEY UPDATE id = id"
	noteRead   = "SELECT doing, unsure FROM myna_migration WHERE id = 1"
	noteDoing  = "UPDATE myna_migration SET doing = ?, unsure = 1 WHERE id = 1"
	noteNext   = "UPDATE myna_migration SET doing = doing + 1, unsure = 0 WHERE id = 1"
	noteFailed = "UPDATE myna_migration SET unsure = 0 WHERE id = 1"
	noteDone   = "UPDATE myna_migration SET doing = 0, unsure = 0 WHERE id = 1"
)

// workDone are the errors a statement gives that is run a second time: the table, column or index is
// already there, or already gone.
func workDone(err error) bool {
	var my *mysql.MySQLError
	return errors.As(err, &my) && slices.Contains([]uint16{1050, 1051, 1054, 1060, 1061, 1091, 1146}, my.Number)
}

// resumer opens the one connection a migration on MySQL runs on.
type resumer struct {
	driver.Connector
	opened atomic.Bool
	doing  int64 // the statement, counted from 1 within its migration, that was noted last; 0 for none
	unsure bool  // it may have taken place
}

// resumable is a pool of one connection that takes up a migration where a killed process left it.
//
// The server may still be at work on the killed process's last statement when the migration lock, held on
// another connection, is free again. So the connection that migrates has a lock of its own, which stands
// as long as the server works for it; the note is read with that lock held.
func (db *DB) resumable(ctx context.Context) (pool *sql.DB, err error) {
	r := &resumer{Connector: db.connector}
	pool = sql.OpenDB(r)
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	err = errors.Join(db.readNote(ctx, conn, r), conn.Close()) // closing gives it back to the pool
	if err != nil {
		return nil, errors.Join(fmt.Errorf("note the migration: %w", err), pool.Close())
	}
	return pool, nil
}

func (db *DB) readNote(ctx context.Context, conn *sql.Conn, r *resumer) error {
	if err := lockMySQL(ctx, conn, mysqlSessionName); err != nil {
		return err
	}
	for _, statement := range []string{noteTable, noteFirst} {
		if _, err := db.write.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := db.dropEmptyVersions(ctx); err != nil {
		return err
	}
	return conn.QueryRowContext(ctx, noteRead).Scan(&r.doing, &r.unsure)
}

// dropEmptyVersions drops goose's own table if the process was killed before its first row was there;
// goose would refuse it.
func (db *DB) dropEmptyVersions(ctx context.Context) error {
	exists, err := db.hasVersions(ctx, db.write)
	if err != nil || !exists {
		return err
	}
	var rows int
	if err := db.write.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+versionTable).Scan(&rows); err != nil || rows > 0 {
		return err
	}
	_, err = db.write.ExecContext(ctx, "DROP TABLE "+versionTable)
	return err
}

// Connect opens the connection once: another one would be without the lock.
func (r *resumer) Connect(ctx context.Context) (driver.Conn, error) {
	if r.opened.Swap(true) {
		return nil, errors.New("the connection broke while migrating")
	}
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	guarded, ok := conn.(*guardConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%T is not a connection of ours", conn), conn.Close())
	}
	return &resumeConn{guardConn: guarded, resumer: r}, nil
}

// resumeConn counts the statements of a migration.
type resumeConn struct {
	*guardConn
	*resumer
	count int64
}

// ExecContext runs a statement of goose's own, or one of a migration unless it is known to be done.
func (c *resumeConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if strings.Contains(query, versionTable) {
		return c.execGoose(ctx, query, args)
	}
	c.count++
	if c.count < c.doing {
		return driver.RowsAffected(0), nil
	}
	if err := c.exec(ctx, "START TRANSACTION"); err != nil { // it also commits what was open
		return nil, err
	}
	if err := c.exec(ctx, noteDoing, driver.NamedValue{Ordinal: 1, Value: c.count}); err != nil {
		return nil, err
	}
	result, err := c.guardConn.ExecContext(ctx, query, args)
	if err != nil && c.count == c.doing && c.unsure && workDone(err) {
		result, err = driver.RowsAffected(0), nil
	}
	if err != nil {
		return nil, err
	}
	return result, c.commit(ctx, noteNext)
}

// commit ends a statement's transaction with a note.
func (c *resumeConn) commit(ctx context.Context, note string) error {
	if err := c.exec(ctx, note); err != nil {
		return err
	}
	return c.exec(ctx, "COMMIT")
}

// exec runs a statement of ours.
func (c *resumeConn) exec(ctx context.Context, query string, args ...driver.NamedValue) error {
	_, err := c.guardConn.ExecContext(ctx, query, args)
	return err
}

// execGoose takes the note away in the transaction that records the migration as done.
func (c *resumeConn) execGoose(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.count == 0 || !strings.HasPrefix(strings.TrimSpace(query), "INSERT") {
		return c.guardConn.ExecContext(ctx, query, args)
	}
	c.count, c.doing = 0, 0
	if err := c.exec(ctx, "START TRANSACTION"); err != nil {
		return nil, err
	}
	result, err := c.guardConn.ExecContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return result, c.commit(ctx, noteDone)
}
