package sqldb_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

func TestViewSeesOneMoment(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		const query = "SELECT SUM(n) FROM counters"
		err := db.View(t.Context(), func(tx *sqldb.Tx) error {
			before := number(t, tx, query)
			update(t, db, func(tx *sqldb.Tx) error { return exec(t.Context(), tx, "UPDATE counters SET n = n + 1") })
			if after := number(t, tx, query); after != before {
				t.Errorf("saw %d, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := number(t, db, query); n != 3 {
			t.Errorf("outside there is %d, want 3", n)
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		err := db.View(t.Context(), func(tx *sqldb.Tx) error {
			return exec(t.Context(), tx, "UPDATE counters SET n = 7")
		})
		if err == nil {
			t.Error("it wrote")
		}
		if n := number(t, db, "SELECT SUM(n) FROM counters"); n != 0 {
			t.Errorf("the sum is %d, want 0", n)
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		stop := errors.New("stop")
		bump := func(tx *sqldb.Tx) error { return exec(t.Context(), tx, "UPDATE counters SET n = n + 1") }
		err := db.Update(t.Context(), func(tx *sqldb.Tx) error { return errors.Join(bump(tx), stop) })
		if !errors.Is(err, stop) {
			t.Errorf("got %v, want the function's own error", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Update(t.Context(), func(tx *sqldb.Tx) error { _ = bump(tx); panic("out of the window") })
		}()
		ctx, cancel := context.WithCancel(t.Context())
		err = db.Update(ctx, func(tx *sqldb.Tx) error { defer cancel(); return bump(tx) })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's end", err)
		}
		if n := number(t, db, "SELECT SUM(n) FROM counters"); n != 0 {
			t.Errorf("the sum is %d, want 0", n)
		}
		update(t, db, bump) // the connection is clean
		if n := number(t, db, "SELECT SUM(n) FROM counters"); n != 3 {
			t.Errorf("the sum is %d, want 3", n)
		}
	})
}

// Two transactions lock two rows crosswise, so that one is the victim of a deadlock, and neither looks
// at rows.Err(), where MariaDB reports it. Each must have happened exactly once all the same.
func TestDeadlocksAreRetriedWhole(t *testing.T) {
	const rounds = 20
	lock := func(ctx context.Context, tx *sqldb.Tx, from, to int64) error {
		rows, err := tx.Query(ctx, "SELECT n FROM counters WHERE id BETWEEN ? AND ? ORDER BY id"+tx.ForUpdate(), from, to)
		if err != nil {
			return err
		}
		for rows.Next() {
			continue
		}
		_ = rows.Close()
		return nil
	}
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		attempts := new(sync.Map)
		for range rounds {
			var ready sync.WaitGroup
			var done sync.WaitGroup
			ready.Add(2)
			for _, first := range []int64{1, 2} {
				done.Go(func() {
					meet := sync.OnceFunc(func() { ready.Done(); ready.Wait() })
					if db.Engine() == sqldb.SQLite {
						meet = func() {} // one writer at a time: nobody to meet
					}
					err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
						attempts.Store(new(int), true)
						if err := lock(t.Context(), tx, first, first); err != nil {
							return err
						}
						meet()
						if err := lock(t.Context(), tx, 1, 2); err != nil {
							return err
						}
						return exec(t.Context(), tx, "UPDATE counters SET n = n + 1 WHERE id = 3")
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			done.Wait()
		}
		if n := number(t, db, "SELECT n FROM counters WHERE id = 3"); n != 2*rounds {
			t.Errorf("counted %d, want %d", n, 2*rounds)
		}
		tried := 0
		attempts.Range(func(any, any) bool { tried++; return true })
		if db.Engine() != sqldb.SQLite && tried <= 2*rounds {
			t.Errorf("%d attempts: there was no deadlock to speak of", tried)
		}
	})
}

func TestConcurrentUpdatesCount(t *testing.T) {
	const writers, rounds = 8, 25
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range rounds {
					err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
						var n int64
						if err := tx.QueryRow(t.Context(), "SELECT n FROM counters WHERE id = ?"+tx.ForUpdate(), 1).Scan(&n); err != nil {
							return err
						}
						return exec(t.Context(), tx, "UPDATE counters SET n = ? WHERE id = ?", n+1, 1)
					})
					if err != nil {
						t.Error(err)
						return
					}
					if err := db.QueryRow(t.Context(), "SELECT n FROM counters WHERE id = ?", 1).Scan(new(int64)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := number(t, db, "SELECT n FROM counters WHERE id = 1"); n != writers*rounds {
			t.Errorf("counted %d, want %d", n, writers*rounds)
		}
	})
}
