package sqldb_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
)

func TestOpenSaysWhatIsWrong(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0") // a port where nobody answers
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("this is not a database, but long enough to be one: "+strings.Repeat("x", 4096)), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, url, want string }{
		{"empty", "", "begins with sqlite:, postgres:// or mysql://"},
		{"a path", "/var/lib/myna.db", "begins with sqlite:"},
		{"another database", "oracle://u:secret@h/d", "begins with sqlite:"},
		{"no file", "sqlite:", "needs a file's path"},
		{"memory", "sqlite::memory:", "needs a file's path"},
		{"a directory", "sqlite:" + t.TempDir(), "is a directory"},
		{"below a file", "sqlite:" + file + "/myna.db", "not a directory"},
		{"not a database", "sqlite:" + file, "file is not a database"},
		{"a bad port", "postgres://u:secret@h:port/d", "PostgreSQL URL cannot be read"},
		{"nobody there", "postgres://u:secret@" + nobody + "/d?sslmode=disable", "refused"},
		{"no database named", "mysql://u:secret@h/", "names no database"},
		{"unknown parameter", "mysql://u:secret@h/d?charset=latin1", `"charset" is not known`},
		{"bad escape", "mysql://u:secret%zz@h/d", "special characters"},
		{"bad port, MySQL", "mysql://u:secret@h:port/d", "cannot be read"},
		{"unknown tls", "mysql://u:secret@h/d?tls=maybe", "cannot be used"},
		{"nobody there, MySQL", "mariadb://u:secret@" + nobody + "/d", "refused"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db, err := sqldb.Open(t.Context(), c.url)
			if err == nil {
				_ = db.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want something with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q gives the password away", err)
			}
		})
	}
}

func TestSQLiteFileIsPrivateAndOfAnyName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "a?b #%41 八哥.db")
	db := open(t, "sqlite:"+path)
	if err := db.Migrate(t.Context(), schema()); err != nil {
		t.Fatal(err)
	}
	if n := number(t, db, "SELECT COUNT(*) FROM counters"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	if db.Path() != path {
		t.Errorf("the path is %s, want %s", db.Path(), path)
	}
	for _, name := range []string{path, path + "-wal", filepath.Dir(path)} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if others := info.Mode().Perm() & 0o077; others != 0 {
			t.Errorf("%s is open to others: %v", name, info.Mode())
		}
	}
}
