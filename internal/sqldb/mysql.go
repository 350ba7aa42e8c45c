package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

const mysqlCollation = "utf8mb4_bin"

// What a connection is told once. Strict, so that a text too long is an error and not a shorter text.
// Readers see one moment for the length of a transaction and cannot write. Writers read what is committed
// now: the row behind a lock they waited for is then the newest (at REPEATABLE READ a plain SELECT after
// the wait may show the state from before it), no gap locks make strangers deadlock, PostgreSQL behaves
// the same, and MariaDB's snapshot isolation has nothing to refuse.
const (
	mysqlMode    = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO'"
	mysqlReading = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
	mysqlWriting = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"
)

// mysqlDriverConn is what the driver's connection offers.
type mysqlDriverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// mysqlConnector opens connections, tells them their isolation and guards their transactions.
type mysqlConnector struct {
	driver.Connector
	setup string
}

func (c *mysqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(mysqlDriverConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the MySQL driver's %T lacks a method", conn), conn.Close())
	}
	for _, statement := range []string{mysqlMode, c.setup} {
		if _, err := full.ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("set up the connection: %w", err), conn.Close())
		}
	}
	return &guardConn{mysqlDriverConn: full}, nil
}

// guardConn remembers that the engine gave the transaction up. MySQL rolls a deadlock's victim back and
// then runs the next statements of it one by one in autocommit; and the error can come as late as with
// the rows, where it is easily overlooked. So after such an error nothing more runs and Commit fails.
type guardConn struct {
	mysqlDriverConn
	inTx bool
	dead error // why the transaction is no more
}

func (c *guardConn) note(err error) error {
	if c.inTx && c.dead == nil && isRetryable(err) {
		c.dead = err
	}
	return err
}

func (c *guardConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.mysqlDriverConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	c.inTx, c.dead = true, nil
	return &guardTx{conn: c, tx: tx}, nil
}

func (c *guardConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.dead != nil {
		return nil, c.dead
	}
	result, err := c.mysqlDriverConn.ExecContext(ctx, query, args)
	return result, c.note(err)
}

func (c *guardConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.dead != nil {
		return nil, c.dead
	}
	rows, err := c.mysqlDriverConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.note(err)
	}
	return &guardRows{Rows: rows, conn: c}, nil
}

type guardRows struct {
	driver.Rows
	conn *guardConn
}

func (r *guardRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err != nil && err != io.EOF {
		return r.conn.note(err)
	}
	return err
}

func (r *guardRows) Close() error { return r.conn.note(r.Rows.Close()) }

type guardTx struct {
	conn *guardConn
	tx   driver.Tx
}

func (t *guardTx) Commit() error {
	dead := t.conn.dead
	if dead != nil {
		return errors.Join(dead, t.Rollback())
	}
	t.conn.inTx = false
	return t.tx.Commit()
}

func (t *guardTx) Rollback() error {
	t.conn.inTx, t.conn.dead = false, nil
	return t.tx.Rollback()
}
