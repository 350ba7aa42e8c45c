package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

// schema is a small one of the kinds of columns and keys the real one has.
func schema() fstest.MapFS {
	return fstest.MapFS{"0001_start.sql": {Data: []byte(`-- +goose Up
CREATE TABLE things (
  room_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  name @string(20) NOT NULL,
  name_key @string(190),
  hash @bytes(32) NOT NULL,
  body @text NOT NULL,
  PRIMARY KEY (room_id, seq)
) @table;
CREATE UNIQUE INDEX things_name ON things (name_key);
CREATE TABLE counters (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL) @table;
INSERT INTO counters (id, n) VALUES (1, 0), (2, 0), (3, 0);
`)}}
}

const insertThing = "INSERT INTO things (room_id, seq, name, name_key, hash, body) VALUES (?, ?, ?, ?, ?, ?)"

// update runs one writing transaction and fails the test on error.
func update(t *testing.T, db *sqldb.DB, fn func(tx *sqldb.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func exec(ctx context.Context, tx *sqldb.Tx, query string, args ...any) error {
	_, err := tx.Exec(ctx, query, args...)
	return err
}

// number reads one number.
func number(t *testing.T, q sqldb.Queryer, query string, args ...any) (n int64) {
	t.Helper()
	if err := q.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

type thing struct {
	Room, Seq  int64
	Name, Body string
	Key        *string
	Hash       []byte
}

func readThings(t *testing.T, q sqldb.Queryer, where string, args ...any) (things []thing) {
	t.Helper()
	rows, err := q.Query(t.Context(),
		"SELECT room_id, seq, name, name_key, hash, body FROM things WHERE "+where+" ORDER BY room_id, seq", args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var x thing
		if err := rows.Scan(&x.Room, &x.Seq, &x.Name, &x.Key, &x.Hash, &x.Body); err != nil {
			t.Fatal(err)
		}
		things = append(things, x)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return things
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	key := "key?'\"\\"
	want := []thing{
		{Room: 1, Seq: 1, Name: "八哥 🐦", Body: strings.Repeat("字", 16<<10/3), Key: &key, Hash: []byte{0, 1, 255, '\'', '\\'}},
		{Room: 1, Seq: 2, Name: "", Body: "it's 100% \\ \"quoted\" ? -- ; ", Key: nil, Hash: []byte{}},
		{Room: 1 << 62, Seq: -1, Name: "trailing ", Body: "\n\t", Key: nil, Hash: []byte("x")},
	}
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		var args []any
		for _, x := range want {
			args = append(args, x.Room, x.Seq, x.Name, x.Key, x.Hash, x.Body)
		}
		columns := []string{"room_id", "seq", "name", "name_key", "hash", "body"}
		update(t, db, func(tx *sqldb.Tx) error {
			return exec(t.Context(), tx, sqldb.Insert("things", columns, len(want)), args...)
		})
		got := readThings(t, db, "seq <> ?", 99)
		for i := range got { // whether no bytes come back as nil is up to the driver
			got[i].Hash = append([]byte{}, got[i].Hash...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFragments(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		e := db.Engine()
		columns := []string{"room_id", "seq", "name", "name_key", "hash", "body"}
		update(t, db, func(tx *sqldb.Tx) error {
			ctx := t.Context()
			return errors.Join(
				exec(ctx, tx, sqldb.Insert("things", columns, 2), 1, 1, "a", "a", []byte{1}, "", 1, 2, "b", "b", []byte{1}, ""),
				exec(ctx, tx, e.InsertIgnore("things", columns, 3), // clashes by key, by index, and not at all
					1, 1, "x", "x", []byte{1}, "", 2, 1, "y", "b", []byte{1}, "", 1, 3, "c", nil, []byte{1}, ""),
				exec(ctx, tx, e.UpsertRows("counters", []string{"id"}, []string{"n"}, 2), 1, 10, 9, 90),
				exec(ctx, tx, e.Upsert("counters", []string{"id", "n"}, nil), 1, 10),
			)
		})
		var names []string
		for _, x := range readThings(t, db, "room_id < ?", 100) {
			names = append(names, x.Name)
		}
		if diff := cmp.Diff([]string{"a", "b", "c"}, names); diff != "" {
			t.Error(diff)
		}
		if n := number(t, db, "SELECT SUM(n) FROM counters WHERE id IN "+sqldb.List(3), 1, 2, 9); n != 100 {
			t.Errorf("the counters' sum is %d, want 100", n)
		}
		found := readThings(t, db, "(room_id, seq) IN "+e.TupleIn(3, 2), 1, 1, 1, 3, 7, 7)
		if len(found) != 2 || found[0].Seq != 1 || found[1].Seq != 3 {
			t.Errorf("found by tuples: %v", found)
		}
	})
}

func TestUpdateCountsTheRowsItMatched(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		update(t, db, func(tx *sqldb.Tx) error {
			for range 2 { // the second time nothing changes
				result, err := tx.Exec(t.Context(), "UPDATE counters SET n = ? WHERE id IN (1, 2, 77)", 5)
				if err != nil {
					return err
				}
				if n, err := result.RowsAffected(); n != 2 || err != nil {
					t.Errorf("%d rows, %v, want 2", n, err)
				}
			}
			return nil
		})
	})
}

func TestFaultsAreErrors(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		ok := []any{1, 1, "n", "k", []byte{1}, "b"}
		update(t, db, func(tx *sqldb.Tx) error { return exec(t.Context(), tx, insertThing, ok...) })
		cases := []struct {
			name   string
			unique bool
			free   bool // SQLite lets it pass
			args   []any
		}{
			{"primary key", true, false, []any{1, 1, "n", "other", []byte{1}, "b"}},
			{"unique index", true, false, []any{1, 2, "n", "k", []byte{1}, "b"}},
			{"null", false, false, []any{1, 2, nil, "k2", []byte{1}, "b"}},
			{"nil bytes", false, false, []any{1, 2, "n", "k2", []byte(nil), "b"}},
			{"too long", false, true, []any{1, 2, strings.Repeat("n", 21), "k2", []byte{1}, "b"}},
			{"too few arguments", false, false, []any{1, 2, "n", "k2", []byte{1}}},
			{"too many arguments", false, false, []any{1, 2, "n", "k2", []byte{1}, "b", 7}},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if c.free && db.Engine() == sqldb.SQLite {
					t.Skip("SQLite does not look at lengths")
				}
				err := db.Update(t.Context(), func(tx *sqldb.Tx) error { return exec(t.Context(), tx, insertThing, c.args...) })
				if err == nil || sqldb.IsUnique(err) != c.unique {
					t.Errorf("IsUnique(%v) = %t, want %t", err, sqldb.IsUnique(err), c.unique)
				}
			})
		}
		if n := number(t, db, "SELECT COUNT(*) FROM things"); n != 1 {
			t.Errorf("%d rows, want the first one only", n)
		}
	})
}

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

func TestSameTextInsideItsOwnRows(t *testing.T) {
	db := sqldbtest.Open(t, sqldb.SQLite, schema()) // the other drivers allow one open result a connection
	const query = "SELECT id FROM counters WHERE id >= ? ORDER BY id"
	err := db.View(t.Context(), func(tx *sqldb.Tx) error {
		rows, err := tx.Query(t.Context(), query, 1)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for want := int64(1); rows.Next(); want++ {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			if first := number(t, tx, query, 3); id != want || first != 3 {
				t.Errorf("got %d and inside %d, want %d and 3", id, first, want)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMoreTextsThanStatementsAreKept(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		for n := 1; n <= 3000; n++ {
			var got int64
			query := "SELECT id /* " + strings.Repeat("x", n) + " */ FROM counters WHERE id = ?"
			if err := db.QueryRow(t.Context(), query, 1+n%3).Scan(&got); err != nil || got != int64(1+n%3) {
				t.Fatalf("text %d: got %d, %v", n, got, err)
			}
		}
	})
}

func TestChangedElsewhere(t *testing.T) {
	ctx := t.Context()
	url := sqldbtest.URL(t, sqldb.SQLite)
	mine, other := open(t, url), open(t, url)
	if err := mine.Migrate(ctx, schema()); err != nil {
		t.Fatal(err)
	}
	bump := func(db *sqldb.DB) func() {
		return func() {
			update(t, db, func(tx *sqldb.Tx) error { return exec(ctx, tx, "UPDATE counters SET n = n + 1") })
		}
	}
	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"first look", func() {}, true},
		{"nothing happened", func() {}, false},
		{"own write", bump(mine), false},
		{"another's write", bump(other), true},
		{"nothing more", func() {}, false},
		{"another's reading", func() { number(t, other, "SELECT SUM(n) FROM counters") }, false},
	}
	for _, step := range steps {
		step.do()
		if got, err := mine.ChangedElsewhere(ctx); got != step.want || err != nil {
			t.Errorf("%s: %t, %v, want %t", step.name, got, err, step.want)
		}
	}
}

func open(t *testing.T, url string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestNoRows(t *testing.T) {
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		err := db.QueryRow(t.Context(), "SELECT n FROM counters WHERE id = ?", 404).Scan(new(int64))
		if !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("got %v, want sql.ErrNoRows", err)
		}
	})
}
