package sqldb

import (
	"errors"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Error codes of the engines, by the names their manuals use.
const (
	pgUniqueViolation      = "23505"
	pgSerializationFailure = "40001"
	pgDeadlockDetected     = "40P01"

	mysqlDuplicateEntry  = 1062
	mysqlRecordChanged   = 1020 // MariaDB's snapshot isolation found a newer row
	mysqlLockWaitTimeout = 1205
	mysqlDeadlock        = 1213

	sqlitePrimaryCode = 0xff // the primary code is the low byte of an extended one
)

// IsUnique tells whether a statement failed because a unique index or primary key already holds the
// value. On PostgreSQL the transaction is dead after that; only a transaction's last statement, or
// nobody, should count on it.
func IsUnique(err error) bool {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	switch {
	case errors.As(err, &lite):
		code := lite.Code()
		return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	case errors.As(err, &pg):
		return pg.Code == pgUniqueViolation
	case errors.As(err, &my):
		return my.Number == mysqlDuplicateEntry
	}
	return false
}

// isRetryable tells whether the engine gave a transaction up only because of others that ran at the
// same time, so that the whole of it may be run again.
func isRetryable(err error) bool {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	switch {
	case errors.As(err, &lite):
		return IsBusy(err)
	case errors.As(err, &pg):
		return pg.Code == pgSerializationFailure || pg.Code == pgDeadlockDetected
	case errors.As(err, &my):
		return my.Number == mysqlDeadlock || my.Number == mysqlLockWaitTimeout || my.Number == mysqlRecordChanged
	}
	return false
}

// IsBusy tells whether SQLite gave up waiting for others that use the database.
func IsBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&sqlitePrimaryCode == sqlite3.SQLITE_BUSY
}
