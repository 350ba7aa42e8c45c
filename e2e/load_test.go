package e2e

import (
	"os"
	"os/exec"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

// TestLoad runs the scenarios of myna load at a size that a test can afford. What they measure says
// nothing here; that nothing is lost, doubled, out of order or answered with a lie does. A fifth of the
// posts is sent twice.
func TestLoad(t *testing.T) {
	for _, tc := range []struct {
		engine    sqldb.Engine
		scenarios []string
	}{
		{sqldb.SQLite, []string{"idle", "crowd", "rooms", "send", "storm", "slow", "overload"}},
		{sqldb.Postgres, []string{"rooms", "send", "storm"}},
		{sqldb.MySQL, []string{"rooms", "send", "storm"}},
	} {
		t.Run(tc.engine.String(), func(t *testing.T) {
			args := []string{
				"load", "--spawn", "--users", "60", "--rate", "100", "--for", "1s", "--idle", "1s", "--in-flight", "64",
				"--duplicates", "0.2", "--json", t.TempDir() + "/report.json",
			}
			if tc.engine != sqldb.SQLite {
				args = append(args, "--db", sqldbtest.URL(t, tc.engine))
			}
			out, err := exec.Command(os.Getenv("MYNA_BIN"), append(args, tc.scenarios...)...).CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
