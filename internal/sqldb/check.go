package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// Finding is one setting of the database that decides whether what was committed is still there after a
// power cut.
type Finding struct {
	Setting string
	Value   string
	Want    []string // the values that are safe
	Weak    bool     // Value is none of them
	Means   string   // what a weak value costs, one clause
}

type setting struct {
	name  string
	query string // one row, one column
	want  []string
	means string
}

const (
	losesCommits = "a power cut can lose messages that were acknowledged"
	breaksFiles  = "a power cut can damage the database"
)

func settingsOf(e Engine) []setting {
	switch e {
	case SQLite:
		return []setting{
			{"journal_mode", "PRAGMA journal_mode", []string{"wal"}, "readers and the writer wait for each other"},
			{"synchronous", "PRAGMA synchronous", []string{"2", "3"}, losesCommits},
		}
	case Postgres:
		return []setting{
			{"synchronous_commit", "SHOW synchronous_commit", []string{"on", "remote_apply"}, losesCommits},
			{"fsync", "SHOW fsync", []string{"on"}, breaksFiles},
			{"full_page_writes", "SHOW full_page_writes", []string{"on"}, breaksFiles},
		}
	default:
		return []setting{
			{"innodb_flush_log_at_trx_commit", "SELECT @@innodb_flush_log_at_trx_commit", []string{"1"}, losesCommits},
			{"innodb_doublewrite", "SELECT @@innodb_doublewrite", []string{"1", "ON", "DETECT_AND_RECOVER"}, breaksFiles},
			{"binlog_format", "SELECT IF(@@log_bin, @@binlog_format, 'none')", []string{"none", "ROW", "MIXED"}, "every write is refused"},
			{"sync_binlog", "SELECT IF(@@log_bin, @@sync_binlog, 1)", []string{"1"}, "a replica can miss what a power cut hit"},
		}
	}
}

// Check reads the settings durability hangs on, for `myna doctor` and the warning at the start.
func (db *DB) Check(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	for _, s := range settingsOf(db.engine) {
		var value string
		err := db.write.QueryRowContext(ctx, s.query).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", s.name, err)
		}
		findings = append(findings, Finding{
			Setting: s.name, Value: value, Want: s.want, Weak: !slices.Contains(s.want, value), Means: s.means,
		})
	}
	return findings, nil
}
