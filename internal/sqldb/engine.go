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

// TupleIn is the right side of `(a, b) IN` with n tuples of width placeholders. SQLite wants the tuples
// as VALUES; PostgreSQL would take the placeholders in those for text.
func (e Engine) TupleIn(n, width int) string {
	if e == SQLite {
		return "(VALUES " + Tuples(n, width) + ")"
	}
	return "(" + Tuples(n, width) + ")"
}

// Upsert is a statement that inserts a row of key and value columns, in that order, or gives the row
// with that key the new values. Key columns must be those of the primary key or of one unique index.
// MySQL looks at every unique index, so a table with a second one must not be upserted when the new
// row could hit it; and its RowsAffected is 2 for an updated row.
func (e Engine) Upsert(table string, key, value []string) string {
	return e.UpsertRows(table, key, value, 1)
}

// UpsertRows is Upsert for n rows in one statement; their keys must differ from each other.
func (e Engine) UpsertRows(table string, key, value []string, n int) string {
	columns := append(append([]string(nil), key...), value...)
	insert := Insert(table, columns, n)
	if len(value) == 0 {
		return insert + e.onDuplicateIgnore(columns)
	}
	sets := make([]string, len(value))
	for i, column := range value {
		if e == MySQL {
			sets[i] = column + " = VALUES(" + column + ")"
		} else {
			sets[i] = column + " = excluded." + column
		}
	}
	if e == MySQL {
		return insert + " ON DUPLICATE KEY UPDATE " + strings.Join(sets, ", ")
	}
	return insert + " ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " + strings.Join(sets, ", ")
}

// Insert is a statement that inserts n rows of columns.
func Insert(table string, columns []string, n int) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + Tuples(n, len(columns))
}

// InsertIgnore is a statement that inserts n rows of columns and leaves out those that would clash with
// a unique index; any other fault is still an error, as MySQL's own INSERT IGNORE would not have it.
// RowsAffected does not tell how many rows went in: MySQL counts the ones left out as well.
func (e Engine) InsertIgnore(table string, columns []string, n int) string {
	return Insert(table, columns, n) + e.onDuplicateIgnore(columns)
}

func (e Engine) onDuplicateIgnore(columns []string) string {
	if e == MySQL {
		return " ON DUPLICATE KEY UPDATE " + columns[0] + " = " + columns[0]
	}
	return " ON CONFLICT DO NOTHING"
}
