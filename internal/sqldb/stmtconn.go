package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// sqliteConn is what a driver connection to SQLite offers.
type sqliteConn interface {
	driver.Conn
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmtConn is a connection that prepares each text once and keeps the statement, for transactions and
// single statements alike and without the bookkeeping of sql.Stmt. database/sql lets one goroutine at a
// time use a connection, its statements and its rows.
//
// Statements are not interrupted when their context ends: ours take micro- to milliseconds, and being
// ready for it costs the driver a goroutine each. Waiting for a connection still ends with the context,
// and a busy database is waited for no longer than the busy timeout.
type stmtConn struct {
	sqliteConn
	stmts map[string]*keptStmt
}

type keptStmt struct {
	sqliteStmt
	inputs int  // placeholders
	busy   bool // rows of it are open
	kept   bool // in the map; otherwise closed after use
}

func newStmtConn(conn driver.Conn) (driver.Conn, error) {
	full, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's %T lacks a method", conn), conn.Close())
	}
	return &stmtConn{sqliteConn: full, stmts: make(map[string]*keptStmt)}, nil
}

// ExecContext runs a statement that returns no rows.
func (c *stmtConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	stmt, err := c.take(query, args)
	if err != nil {
		return nil, err
	}
	result, err := stmt.ExecContext(context.Background(), args)
	return result, errors.Join(err, stmt.release())
}

// QueryContext runs a statement that returns rows; closing them gives the statement back.
func (c *stmtConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	stmt, err := c.take(query, args)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(context.Background(), args)
	if err != nil {
		return nil, errors.Join(err, stmt.release())
	}
	return &keptRows{Rows: rows, stmt: stmt}, nil
}

// BeginTx starts a transaction: a reading one sees the moment of its first statement, a writing one
// takes the write lock at once, so that it never fails halfway for want of it.
func (c *stmtConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	begin := "BEGIN IMMEDIATE"
	if opts.ReadOnly {
		begin = "BEGIN"
	}
	if _, err := c.ExecContext(ctx, begin, nil); err != nil {
		return nil, err
	}
	return stmtTx{c}, nil
}

// Close closes the statements and the connection.
func (c *stmtConn) Close() error {
	var errs []error
	for _, stmt := range c.stmts {
		errs = append(errs, stmt.Close())
	}
	clear(c.stmts)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// take takes the text's statement for these arguments. Where this driver would let pass what the others
// refuse it is made to refuse as well: surplus arguments, and nil bytes (NULL there, no bytes here).
func (c *stmtConn) take(query string, args []driver.NamedValue) (*keptStmt, error) {
	stmt, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	if stmt.inputs != len(args) {
		err := fmt.Errorf("the query has %d placeholders and was given %d arguments", stmt.inputs, len(args))
		return nil, errors.Join(err, stmt.release())
	}
	for i := range args {
		if b, ok := args[i].Value.([]byte); ok && b == nil {
			args[i].Value = nil
		}
	}
	return stmt, nil
}

// stmt takes the text's statement, preparing it when it is new or when rows of the kept one are open.
func (c *stmtConn) stmt(query string) (*keptStmt, error) {
	known, ok := c.stmts[query]
	if ok && !known.busy {
		known.busy = true
		return known, nil
	}
	prepared, err := c.Prepare(query)
	if err != nil {
		return nil, err
	}
	full, isFull := prepared.(sqliteStmt)
	if !isFull {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's %T lacks a method", prepared), prepared.Close())
	}
	stmt := &keptStmt{sqliteStmt: full, inputs: placeholders(query), busy: true, kept: !ok}
	if stmt.kept {
		if err := c.makeRoom(); err != nil {
			return nil, errors.Join(err, stmt.Close())
		}
		c.stmts[query] = stmt
	}
	return stmt, nil
}

// makeRoom closes some idle statement when the bound is reached; which one does not matter, it is
// prepared again when needed.
func (c *stmtConn) makeRoom() error {
	if len(c.stmts) < maxPrepared {
		return nil
	}
	for query, stmt := range c.stmts {
		if !stmt.busy {
			delete(c.stmts, query)
			return stmt.Close()
		}
	}
	return nil
}

func (s *keptStmt) release() error {
	s.busy = false
	if s.kept {
		return nil
	}
	return s.Close()
}

// keptRows gives its statement back when closed.
type keptRows struct {
	driver.Rows
	stmt *keptStmt
}

func (r *keptRows) Close() error {
	err := r.Rows.Close()
	return errors.Join(err, r.stmt.release())
}

type stmtTx struct{ conn *stmtConn }

// Commit ends the transaction; when that fails it is rolled back, so that the connection is clean.
func (t stmtTx) Commit() error {
	_, err := t.conn.ExecContext(context.Background(), "COMMIT", nil)
	if err != nil {
		_ = t.Rollback() // fails when the engine has already done it
	}
	return err
}

func (t stmtTx) Rollback() error {
	_, err := t.conn.ExecContext(context.Background(), "ROLLBACK", nil)
	return err
}
