// Package sqldbtest gives tests real databases of every engine: a file for SQLite, and a PostgreSQL and
// a MariaDB server started from the installed binaries in a temporary directory when a test first wants
// one. A server is reached through a socket only, serves the one test process that started it, and ends
// with it, however that ends. Each test gets a database of its own.
//
// A test is skipped when an engine is not installed, but fails when CI is set in the environment.
package sqldbtest

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
)

// Engines are all there are, in the order they are tested.
func Engines() []sqldb.Engine { return []sqldb.Engine{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} }

// Each runs fn as a subtest for every engine, with a fresh database migrated with the given files.
func Each(t *testing.T, migrations fs.FS, fn func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(name(engine), func(t *testing.T) { fn(t, Open(t, engine, migrations)) })
	}
}

// Open is a fresh database of one engine, migrated unless migrations is nil, and closed with the test.
func Open(t testing.TB, engine sqldb.Engine, migrations fs.FS) *sqldb.DB {
	t.Helper()
	return open(t, URL(t, engine), migrations)
}

// OpenDurable is Open on a server that waits for the disk at every commit, for benchmarks and kill
// tests. (The others answer before, which is all an ordinary test needs; SQLite always waits.)
func OpenDurable(t testing.TB, engine sqldb.Engine, migrations fs.FS) *sqldb.DB {
	t.Helper()
	return open(t, DurableURL(t, engine), migrations)
}

func open(t testing.TB, url string, migrations fs.FS) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	if migrations == nil {
		return db
	}
	if err := db.Migrate(t.Context(), migrations); err != nil {
		t.Fatal(err)
	}
	return db
}

// URL is the URL of a fresh, empty database for as long as the test runs, usable by other processes.
func URL(t testing.TB, engine sqldb.Engine) string {
	t.Helper()
	return databaseURL(t, engine, fast)
}

// DurableURL is URL on a server that waits for the disk at every commit.
func DurableURL(t testing.TB, engine sqldb.Engine) string {
	t.Helper()
	return databaseURL(t, engine, durable)
}

func databaseURL(t testing.TB, engine sqldb.Engine, mode mode) string {
	t.Helper()
	if engine == sqldb.SQLite {
		return "sqlite:" + filepath.Join(t.TempDir(), "myna.db")
	}
	server, err := running.get(engine, mode)
	if err != nil {
		unavailable(t, err)
	}
	url, drop, err := server.create(t.Context(), databaseName(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return url
}

func unavailable(t testing.TB, err error) {
	t.Helper()
	if missing(err) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// databaseName is unique within the server, and says whose the database is.
func databaseName(t testing.TB) string {
	const longest = 40 // both engines allow at least 63
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(t.Name()))
	return fmt.Sprintf("%.*s_%d", longest, letters, running.next())
}

func name(engine sqldb.Engine) string {
	if engine == sqldb.MySQL {
		return "mariadb"
	}
	return strings.ToLower(engine.String())
}

// create makes a database.
func (s *server) create(ctx context.Context, database string) (url string, drop func() error, err error) {
	admin, err := sql.Open(s.driver, s.admin)
	if err != nil {
		return "", nil, err
	}
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+database); err != nil {
		return "", nil, fmt.Errorf("create database %s: %w", database, err)
	}
	return fmt.Sprintf(s.url, database), func() error {
		defer func() { _ = admin.Close() }()
		_, err := admin.Exec(fmt.Sprintf(s.drop, database))
		return err
	}, nil
}
