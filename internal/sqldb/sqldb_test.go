package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
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

// insert is a statement that inserts n rows.
func insert(table string, columns []string, n int) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + sqldb.Tuples(n, len(columns))
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
			return exec(t.Context(), tx, insert("things", columns, len(want)), args...)
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
		update(t, db, func(tx *sqldb.Tx) error {
			save := "INSERT INTO counters (id, n) VALUES " + sqldb.Tuples(2, 2) + db.Engine().OrUpdate("id", "n")
			return exec(t.Context(), tx, save, 1, 10, 9, 90)
		})
		if n := number(t, db, "SELECT SUM(n) FROM counters WHERE id IN "+sqldb.List(2), 1, 9); n != 100 {
			t.Errorf("the counters' sum is %d, want 100", n)
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

// place is a number with a text form, as our ids are; drivers must take the number.
type place int64

func (p place) String() string               { return "p_" + strconv.FormatInt(int64(p), 36) }
func (p place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func TestNamedTypesAreTakenForWhatTheyAre(t *testing.T) {
	type word string
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		update(t, db, func(tx *sqldb.Tx) error {
			return exec(t.Context(), tx, insertThing, place(7), uint8(3), word("name"), word("key"), []byte{1}, word("body"))
		})
		var room place
		var seq uint8
		var name word
		err := db.QueryRow(t.Context(), "SELECT room_id, seq, name FROM things WHERE room_id = ? AND name_key = ?",
			place(7), word("key")).Scan(&room, &seq, &name)
		if err != nil || room != 7 || seq != 3 || name != "name" {
			t.Errorf("got %v %v %q, %v", room, seq, name, err)
		}
	})
}
