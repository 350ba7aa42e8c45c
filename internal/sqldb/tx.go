package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	maxAttempts  = 6                    // the first and at most five more: beyond that the database is overloaded, not unlucky
	firstBackoff = 2 * time.Millisecond // doubled each time, with jitter: two that met in a deadlock must not meet again
)

// Tx is a transaction. It is valid until the function it was given to returns.
type Tx struct {
	db *DB
	tx *sql.Tx
}

// View runs fn in a reading transaction: everything fn reads is of one moment. fn must not write.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.engine == Postgres { // elsewhere the reading connections are so by themselves, which saves a round trip
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := db.read.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	if err := fn(&Tx{db: db, tx: tx}); err != nil {
		return err
	}
	return commit(ctx, tx, "end reading")
}

func commit(ctx context.Context, tx *sql.Tx, what string) error {
	err := tx.Commit()
	if err == nil {
		return nil
	}
	if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, sql.ErrTxDone) {
		err = ctxErr // database/sql rolled back first, and no longer says why
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Update runs fn in a writing transaction and commits it at the database's full durability. When the
// engine gives the transaction up because of another one (deadlock, serialization failure, busy), the
// whole of fn runs again in a new transaction, at most five times: fn must start from nothing each time
// and have no effect outside of the transaction. fn's error rolls back and is returned as it is. When
// the connection breaks during the commit, only reading again tells whether it took place.
//
// Statements see what others have committed before the statement began (READ COMMITTED on PostgreSQL and
// MySQL; on SQLite there is one writer at a time): rows a decision rests on are to be read with
// ForUpdate, or to hang on a counter row that was.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		err := db.update(ctx, fn)
		if err == nil || attempt == maxAttempts || !isRetryable(err) {
			return err
		}
		if pauseErr := pause(ctx, rand.N(backoff)+backoff/2); pauseErr != nil {
			return errors.Join(err, pauseErr)
		}
		backoff *= 2
	}
}

func (db *DB) update(ctx context.Context, fn func(*Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin writing: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	if err := fn(&Tx{db: db, tx: tx}); err != nil {
		return err
	}
	return commit(ctx, tx, "commit")
}

// Engine tells which database this is.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// Query runs a reading statement. Its rows must be closed before the next statement of the transaction.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.tx.QueryContext(ctx, tx.db.rebind(query), args...)
}

// QueryRow runs a reading statement of at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.tx.QueryRowContext(ctx, tx.db.rebind(query), args...)
}

// Exec runs a writing statement. An UPDATE counts the rows it matched, changed or not.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return tx.tx.ExecContext(ctx, tx.db.rebind(query), args...)
}

// ForUpdate is what follows a SELECT whose rows are to stay as they are until the transaction ends:
// " FOR UPDATE", or nothing on SQLite, where a writing transaction has the database to itself.
func (tx *Tx) ForUpdate() string {
	if tx.db.engine == SQLite {
		return ""
	}
	return " FOR UPDATE"
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
