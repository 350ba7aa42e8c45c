package sqldb

import (
	"bytes"
	"io"
	"io/fs"
	"regexp"
	"time"
)

// Migration files are the same for every engine, but for a few words that stand for what each calls the
// thing:
//
//	@table      behind a CREATE TABLE's last parenthesis: how the table is kept (on SQLite by its key)
//	@log        in the place of @table, for a table that is appended to in the order of time
//	@string(n)  text of at most n characters that may be part of a key
//	@text       text of any length, never part of a key
//	@bytes(n)   at most n bytes
var macro = regexp.MustCompile(`@(table|log|text|string\((\d+)\)|bytes\((\d+)\))`)

const mysqlTable = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=" + mysqlCollation

// macros puts the engine's own words into a migration.
func (e Engine) macros(migration []byte) []byte {
	words := map[byte]string{ // by the macro's second letter: all differ
		'a': map[Engine]string{
			SQLite: "WITHOUT ROWID",
			MySQL:  mysqlTable,
		}[e],
		'o': map[Engine]string{MySQL: mysqlTable}[e],
		'e': map[Engine]string{SQLite: "TEXT", Postgres: "TEXT", MySQL: "MEDIUMTEXT"}[e],
		't': map[Engine]string{SQLite: "TEXT", Postgres: "VARCHAR($2)", MySQL: "VARCHAR($2)"}[e],
		'y': map[Engine]string{SQLite: "BLOB", Postgres: "BYTEA", MySQL: "VARBINARY($3)"}[e],
	}
	var out []byte
	end := 0
	for _, match := range macro.FindAllSubmatchIndex(migration, -1) {
		out = append(out, migration[end:match[0]]...)
		out = macro.Expand(out, []byte(words[migration[match[0]+2]]), migration, match)
		end = match[1]
	}
	return append(out, migration[end:]...)
}

// macroFS shows the files of another file system with the macros put in.
type macroFS struct {
	fs.FS
	engine Engine
}

func (m macroFS) Open(name string) (fs.File, error) {
	file, err := m.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return file, err
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	text := m.engine.macros(raw)
	return &macroFile{Reader: bytes.NewReader(text), info: macroInfo{FileInfo: info, size: int64(len(text))}}, nil
}

type macroFile struct {
	*bytes.Reader
	info macroInfo
}

func (f *macroFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *macroFile) Close() error               { return nil }

type macroInfo struct {
	fs.FileInfo
	size int64
}

func (i macroInfo) Size() int64        { return i.size }
func (i macroInfo) ModTime() time.Time { return time.Time{} }
