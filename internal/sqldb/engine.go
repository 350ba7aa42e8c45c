package sqldb

import "strings"

// Engine is the kind of database.
type Engine uint8

const (
	SQLite Engine = iota + 1
	Postgres
	MySQL // MariaDB as well
)

// String is the engine's name as people write it.
func (e Engine) String() string {
	switch e {
	case SQLite:
		return "SQLite"
	case Postgres:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	default:
		return "unknown engine"
	}
}

// Tuples is n tuples of width placeholders, "(?, ?), (?, ?)": the VALUES of an INSERT.
func Tuples(n, width int) string {
	if n <= 0 || width <= 0 {
		return ""
	}
	tuple := "(" + strings.Repeat("?, ", width-1) + "?)"
	return strings.Repeat(tuple+", ", n-1) + tuple
}

// List is n placeholders in parentheses, "(?, ?, ?)": the right side of `column IN`.
func List(n int) string { return Tuples(1, n) }

// OrUpdate is the end of an INSERT that gives the row with the same key the new values of columns. key
// must name the columns of the primary key or of one unique index. MySQL looks at every unique index, so
// a table with a second one must not be written so when the new row could hit it; and its RowsAffected is
// 2 for an updated row.
func (e Engine) OrUpdate(key string, columns ...string) string {
	assign, start := "=excluded.%", " ON CONFLICT ("+key+") DO UPDATE SET "
	if e == MySQL {
		assign, start = "=VALUES(%)", " ON DUPLICATE KEY UPDATE "
	}
	sets := make([]string, len(columns))
	for i, column := range columns {
		sets[i] = column + strings.Replace(assign, "%", column, 1)
	}
	return start + strings.Join(sets, ", ")
}
