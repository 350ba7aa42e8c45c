package sqldb_test

import (
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

func TestCheck(t *testing.T) {
	weak := func(t *testing.T, db *sqldb.DB) (names []string) {
		t.Helper()
		findings, err := db.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(findings) < 2 {
			t.Errorf("only %d settings were looked at", len(findings))
		}
		for _, f := range findings {
			if f.Weak {
				t.Logf("%s = %s, want %v: %s", f.Setting, f.Value, f.Want, f.Means)
				names = append(names, f.Setting)
			}
		}
		return names
	}
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			if names := weak(t, sqldbtest.OpenDurable(t, engine, nil)); len(names) != 0 {
				t.Errorf("weak on a durable server: %v", names)
			}
			if engine == sqldb.SQLite {
				return // it is always durable
			}
			if names := weak(t, sqldbtest.Open(t, engine, nil)); len(names) == 0 {
				t.Error("a server that does not wait for the disk was found to be safe")
			}
		})
	}
}
