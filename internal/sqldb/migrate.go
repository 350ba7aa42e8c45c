package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

const versionTable = "goose_db_version" // goose's own default

// NewerError says that the database was migrated by a later release than this one.
type NewerError struct {
	Have int64 // the database's version
	Want int64 // the last one this program knows
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("the database is at version %d and this program knows versions up to %d: "+
		"run the release that migrated it, or a later one", e.Have, e.Want)
}

// conner is a pool or one connection of it.
type conner interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Version tells the version the database is at, 0 when it is empty, and the last one in fsys.
func (db *DB) Version(ctx context.Context, fsys fs.FS) (have, want int64, err error) {
	return db.version(ctx, db.read, fsys)
}

func (db *DB) version(ctx context.Context, conn conner, fsys fs.FS) (have, want int64, err error) {
	if want, err = lastMigration(fsys); err != nil {
		return 0, 0, err
	}
	have, err = db.have(ctx, conn)
	return have, want, err
}

func lastMigration(fsys fs.FS) (int64, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	last := int64(0)
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", name, err)
		}
		last = max(last, version)
	}
	if last == 0 {
		return 0, errors.New("there are no migrations")
	}
	return last, nil
}

func (db *DB) have(ctx context.Context, conn conner) (version int64, err error) {
	exists, err := db.hasVersions(ctx, conn)
	if err != nil || !exists {
		return 0, err
	}
	const query = "SELECT COALESCE(MAX(version_id), 0) FROM " + versionTable
	if err := conn.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return version, nil
}

// hasVersions tells whether goose has been here.
func (db *DB) hasVersions(ctx context.Context, conn conner) (bool, error) {
	tables := map[Engine]string{
		SQLite:   "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = '" + versionTable + "'",
		Postgres: "SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('" + versionTable + "')",
		MySQL:    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '" + versionTable + "'",
	}[db.engine]
	var n int
	if err := conn.QueryRowContext(ctx, tables).Scan(&n); err != nil {
		return false, fmt.Errorf("look for the schema's version: %w", err)
	}
	return n > 0, nil
}

// Migrate brings the database to the last version in fsys, whose files are goose migrations with our
// macros. Any number of processes may do so at once: one migrates, the others wait for it. A database
// that is newer than fsys is refused with a *NewerError.
func (db *DB) Migrate(ctx context.Context, fsys fs.FS) error {
	have, want, err := db.version(ctx, db.write, fsys) // on the writing pool, so that a start needs one connection only
	if err != nil || have == want {
		return err
	}
	if have > want {
		return &NewerError{Have: have, Want: want}
	}
	unlock, err := db.lock(ctx)
	if err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	return errors.Join(db.migrateLocked(ctx, fsys), unlock())
}

func (db *DB) migrateLocked(ctx context.Context, fsys fs.FS) error {
	have, want, err := db.version(ctx, db.write, fsys)
	if err != nil || have == want { // another one did it while we waited
		return err
	}
	if have > want {
		return &NewerError{Have: have, Want: want}
	}
	if err := db.up(ctx, fsys); err != nil {
		return fmt.Errorf("migrate from version %d to %d: %w", have, want, err)
	}
	return nil
}

func (db *DB) up(ctx context.Context, fsys fs.FS) error {
	if db.engine != MySQL {
		return db.goose(ctx, db.write, fsys)
	}
	pool, err := db.resumable(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(db.goose(ctx, pool, fsys), pool.Close()); err != nil {
		_, noteErr := db.write.ExecContext(context.WithoutCancel(ctx), noteFailed) // it failed, so it did not take place
		return errors.Join(err, noteErr)
	}
	return nil
}

func (db *DB) goose(ctx context.Context, pool *sql.DB, fsys fs.FS) error {
	dialect := map[Engine]goose.Dialect{
		SQLite: goose.DialectSQLite3, Postgres: goose.DialectPostgres, MySQL: goose.DialectMySQL,
	}[db.engine]
	provider, err := goose.NewProvider(dialect, pool, macroFS{FS: fsys, engine: db.engine},
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	_, err = provider.Up(ctx) // the provider is not closed: that would close the pool
	return err
}
