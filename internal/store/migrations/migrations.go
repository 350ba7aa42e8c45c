// Package migrations holds the schema, one numbered goose file a step. A file is written once and never
// changed after it was released. The words @table, @log, @string(n), @bytes(n) and @text stand for what each
// engine calls them; package sqldb puts them in.
package migrations

import "embed"

// FS holds the migration files.
//
//go:embed *.sql
var FS embed.FS
