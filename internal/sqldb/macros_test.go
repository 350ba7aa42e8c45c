package sqldb

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestMacros(t *testing.T) {
	const in = "a @string(20), b @bytes(32), c @text, d BIGINT) @table; -- mail@example.org"
	cases := []struct {
		engine Engine
		want   string
	}{
		{SQLite, "a TEXT, b BLOB, c TEXT, d BIGINT) WITHOUT ROWID; -- mail@example.org"},
		{Postgres, "a VARCHAR(20), b BYTEA, c TEXT, d BIGINT) ; -- mail@example.org"},
		{MySQL, "a VARCHAR(20), b VARBINARY(32), c MEDIUMTEXT, d BIGINT) " +
			"ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin; -- mail@example.org"},
	}
	for _, c := range cases {
		t.Run(c.engine.String(), func(t *testing.T) {
			if got := string(c.engine.macros([]byte(in))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			files := macroFS{FS: fstest.MapFS{"0001_start.sql": {Data: []byte(in)}}, engine: c.engine}
			if got, err := fs.ReadFile(files, "0001_start.sql"); string(got) != c.want || err != nil {
				t.Errorf("read   %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}
