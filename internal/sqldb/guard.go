package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// serverConn is what the connections of the PostgreSQL and the MySQL driver offer.
type serverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.NamedValueChecker
}

// guardConn remembers that the engine gave the transaction up. MySQL rolls a deadlock's victim back and
// then runs the next statements of it one by one in autocommit; and the error can come as late as with
// the rows, where it is easily overlooked. PostgreSQL answers the next statements with an error that no
// longer tells why. So after such an error nothing more runs, and each statement and Commit give it again.
type guardConn struct {
	serverConn
	inTx bool
	dead error // why the transaction is no more
}

func guard(conn driver.Conn) (*guardConn, error) {
	full, ok := conn.(serverConn)
	if !ok {
		return nil, fmt.Errorf("the database driver's %T lacks a method", conn)
	}
	return &guardConn{serverConn: full}, nil
}

// guardConnector guards the connections it opens.
type guardConnector struct{ driver.Connector }

func (c guardConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	guarded, err := guard(conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return guarded, nil
}

// IsValid tells whether the connection may go back to the pool.
func (c *guardConn) IsValid() bool {
	validator, ok := c.serverConn.(driver.Validator)
	return !ok || validator.IsValid()
}

func (c *guardConn) note(err error) error {
	if c.inTx && c.dead == nil && isRetryable(err) {
		c.dead = err
	}
	return err
}

func (c *guardConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.serverConn.BeginTx(ctx, opts)
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
	result, err := c.serverConn.ExecContext(ctx, query, args)
	return result, c.note(err)
}

func (c *guardConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.dead != nil {
		return nil, c.dead
	}
	rows, err := c.serverConn.QueryContext(ctx, query, args)
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
