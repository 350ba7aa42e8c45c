package sqldb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
)

const (
	// Another process (the command line beside the server, a backup) may hold the write lock this long.
	sqliteBusyTimeout = 5 * time.Second
	// Pages in the write-ahead log before they are moved into the database: 40 MB. The default of 1,000
	// costs 35–45% more CPU on big files, because hot pages are copied again and again.
	sqliteAutoCheckpoint = 10_000
	// Page cache of each connection, in KiB.
	sqliteCacheKiB = 16 << 10
	// Prepared statements kept on a connection; there are some hundred texts, a few in several batch sizes.
	maxPrepared = 512
)

// sqliteTarget prepares the file and its directory, private to the user, and the two connectors.
func sqliteTarget(path string) (target, error) {
	if path == "" || strings.HasPrefix(path, ":") {
		return target{}, fmt.Errorf("the database URL sqlite: needs a file's path behind it, for instance sqlite:data/myna.db")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return target{}, fmt.Errorf("find %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return target{}, fmt.Errorf("make the database's directory: %w", err)
	}
	file, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return target{}, fmt.Errorf("open the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return target{}, fmt.Errorf("open the database file: %w", err)
	}
	return target{
		engine: SQLite,
		path:   abs,
		shown:  "sqlite:" + path,
		read:   &sqliteConnector{dsn: sqliteDSN(abs, "query_only(1)")},
		write: &sqliteConnector{dsn: sqliteDSN(abs, "journal_mode(WAL)", "synchronous(FULL)",
			fmt.Sprintf("wal_autocheckpoint(%d)", sqliteAutoCheckpoint))},
	}, nil
}

func sqliteDSN(abs string, pragmas ...string) string {
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") { // C:/… on Windows
		slashed = "/" + slashed
	}
	query := url.Values{"_pragma": append([]string{
		fmt.Sprintf("busy_timeout(%d)", sqliteBusyTimeout.Milliseconds()),
		"foreign_keys(0)",
		fmt.Sprintf("cache_size(-%d)", sqliteCacheKiB),
	}, pragmas...)}
	return "file://" + (&url.URL{Path: slashed}).EscapedPath() + "?" + query.Encode()
}

// sqliteConnector opens connections that keep their prepared statements.
type sqliteConnector struct {
	dsn string
}

func (c *sqliteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

// Connect opens a connection. Turning an empty file to WAL answers busy at once, whatever the timeout
// says, while another process is doing the same; so it is tried for as long as the timeout.
func (c *sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	base, err := sqlite.NewConnector(c.dsn)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(sqliteBusyTimeout)
	for {
		conn, err := base.Connect(ctx)
		if err == nil {
			return newStmtConn(conn)
		}
		if !IsBusy(err) || time.Now().After(deadline) {
			return nil, err
		}
		if err := pause(ctx, firstBackoff); err != nil {
			return nil, err
		}
	}
}
