package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/myna-chat/myna/internal/cli"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

// said is what one run of the program gave.
type said struct {
	code     int
	out, err string
}

// run runs the program on a data directory, without any setting from the environment.
func run(t *testing.T, data, stdin string, args ...string) said {
	t.Helper()
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "MYNA_") && name != "MYNA_DB" {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	var out, errs bytes.Buffer
	if data != "" {
		args = append(args, "--data", data)
	}
	code := cli.Run(args, strings.NewReader(stdin), &out, &errs)
	return said{code, out.String(), errs.String()}
}

// must runs the program and wants it to work.
func must(t *testing.T, data, stdin string, args ...string) string {
	t.Helper()
	s := run(t, data, stdin, args...)
	if s.code != 0 {
		t.Fatalf("myna %s: exit %d\n%s%s", strings.Join(args, " "), s.code, s.out, s.err)
	}
	return s.out
}

func TestExitCodes(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "", "user", "add", "olga", "--role", "owner")
	for _, c := range []struct {
		name string
		args string
		code int
		says string
	}{
		{"unknown word", "nonsense", 2, "nonsense"},
		{"unknown flag", "user list --nonsense", 2, "nonsense"},
		{"missing name", "user add", 2, "username"},
		{"unknown role", "user add ben --role king", 2, "role"},
		{"wrong setting", "user list --db oracle://x", 2, "sqlite:"},
		{"wrong URL", "user reset-password olga --url nonsense", 2, "url"},
		{"no password file", "user add ben --password-file missing", 2, "password-file"},
		{"nothing to revoke", "session revoke", 2, "--all"},
		{"not a session", "session revoke nonsense", 2, "session id"},
		{"nobody", "user disable ben", 1, "ben"},
		{"no such session", "session revoke s_0000000000001", 1, "no session"},
		{"taken", "user add OLGA", 1, "taken"},
		{"reserved", "user add here", 1, "reserved"},
		{"last owner", "user disable olga", 1, "last owner"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := run(t, data, "", strings.Fields(c.args)...)
			if s.code != c.code || !strings.Contains(s.err, c.says) {
				t.Errorf("exit %d, want %d; said %q, want %q in it", s.code, c.code, s.err, c.says)
			}
			if strings.Count(strings.TrimSpace(s.err), "\n") != 0 || !strings.HasPrefix(s.err, "myna: ") {
				t.Errorf("said %q, want one sentence", s.err)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	out := must(t, data, "", "user", "add", "olga", "--role", "owner", "--url", "https://chat.example.org/talk")
	if !regexp.MustCompile(`(?m)^https://chat\.example\.org/talk/reset#myna_l_\S{43}$`).MatchString(out) {
		t.Errorf("user add said\n%s", out)
	}
	out = must(t, data, "purple lamps over quiet rivers\n", "user", "add", "张三", "--name", "Zhang San", "--password-file", "-")
	if out != "Added member 张三.\n" {
		t.Errorf("user add said %q", out)
	}
	if s := run(t, data, "short\n", "user", "add", "ben", "--password-file", "-"); s.code != 1 || !strings.Contains(s.err, "at least 15") {
		t.Errorf("a short password: %+v", s)
	}
	if s := run(t, data, "", "user", "add", "ben", "--password-file", "-"); s.code != 2 {
		t.Errorf("an empty password: %+v", s)
	}
	must(t, data, "", "user", "disable", "张三")

	var people []struct {
		Username, Name, Role string
		Disabled             bool
	}
	if err := json.Unmarshal([]byte(must(t, data, "", "user", "list", "--json")), &people); err != nil {
		t.Fatal(err)
	}
	if len(people) != 2 || people[0].Username != "olga" || people[0].Role != "owner" || !people[1].Disabled || people[1].Name != "Zhang San" {
		t.Errorf("user list says %+v", people)
	}
	if out := must(t, data, "", "user", "enable", "张三"); out != "张三 is active.\n" {
		t.Errorf("user enable said %q", out)
	}
	if out := must(t, data, "", "session", "list", "张三", "--json"); strings.TrimSpace(out) != "[]" {
		t.Errorf("session list said %q", out)
	}
	if out := must(t, data, "", "session", "revoke", "--all", "张三"); out != "Ended 0 sessions.\n" {
		t.Errorf("session revoke said %q", out)
	}
}

// TestNothingIsMade holds that looking does not make a database.
func TestNothingIsMade(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if s := run(t, data, "", "user", "list"); s.code != 1 || !strings.Contains(s.err, "there is no database") {
		t.Errorf("user list: %+v", s)
	}
	if s := run(t, data, "", "doctor"); s.code != 0 || !strings.Contains(s.out, "there is none") {
		t.Errorf("doctor: %+v", s)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data directory was made")
	}
}

func TestDoctor(t *testing.T) {
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			data := t.TempDir()
			if err := os.Chmod(data, 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("MYNA_DB", sqldbtest.URL(t, engine))
			must(t, data, "", "user", "add", "olga", "--role", "owner")
			var findings []struct{ Name, Level, Text string }
			if err := json.Unmarshal([]byte(must(t, data, "", "doctor", "--json", "--allow-load-test", "--url", "http://chat.example.org")), &findings); err != nil {
				t.Fatal(err)
			}
			seen := map[string]string{}
			for _, f := range findings {
				seen[f.Name] += f.Level + " " + f.Text + "\n"
				if f.Level == "fail" {
					t.Errorf("%+v", f)
				}
			}
			for name, want := range map[string]string{
				"address": "warn http", "load test": "warn --allow", "data": "ok", "disk": "ok", "clock": "ok",
				"database": "ok " + engine.String(), "schema": "ok version", "people": "ok 1 in all",
			} {
				if !strings.HasPrefix(seen[name], want) {
					t.Errorf("%s: %q, want %q", name, seen[name], want)
				}
			}
			if engine == sqldb.SQLite && !strings.HasPrefix(seen["durability"], "ok") {
				t.Errorf("durability: %q", seen["durability"])
			}
		})
	}
}

func TestDoctorSeesOpenDirectory(t *testing.T) {
	data := t.TempDir()
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if out := must(t, data, "", "doctor"); !strings.Contains(out, "chmod 700") {
		t.Errorf("doctor said\n%s", out)
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range []string{"--help", "user --help", "session list --help", "serve --help", "load --help", "doctor --help"} {
		if out := must(t, "", "", strings.Fields(args)...); !strings.HasPrefix(out, "Usage: myna") {
			t.Errorf("%s said %q", args, out)
		}
	}
	if out := must(t, "", "", "version"); !strings.HasPrefix(out, "myna ") {
		t.Errorf("version said %q", out)
	}
	var info struct{ Version, Go, System string }
	if err := json.Unmarshal([]byte(must(t, "", "", "version", "--json")), &info); err != nil || info.Version == "" || info.Go == "" {
		t.Errorf("version --json said %+v, %v", info, err)
	}
}
