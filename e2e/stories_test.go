// Package e2e tells stories to the built program: text files in which people do things and see what
// the others did. docs/develop.md shows one.
package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/myna-chat/myna/e2e/binary"
	"github.com/myna-chat/myna/internal/sqldb"
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

// run builds the program once for all stories.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "myna-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path, err := binary.Build(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv("MYNA_BIN", path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func TestStories(t *testing.T) {
	files, err := filepath.Glob("*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tell(t, sqldb.SQLite, files...)
}

// TestStoriesOnServers tells what touches the database most on the other engines as well.
func TestStoriesOnServers(t *testing.T) {
	for _, engine := range []sqldb.Engine{sqldb.Postgres, sqldb.MySQL} {
		t.Run(engine.String(), func(t *testing.T) {
			tell(t, engine, "talk.txtar", "rooms.txtar", "away.txtar")
		})
	}
}

func tell(t *testing.T, engine sqldb.Engine, files ...string) {
	t.Helper()
	dir := t.TempDir()
	var prepared []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ready := filepath.Join(dir, file)
		if err := os.WriteFile(ready, []byte(prepare(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
		prepared = append(prepared, ready)
	}
	testscript.RunT(shim{t}, testscript.Params{
		Files: prepared,
		Setup: func(env *testscript.Env) error {
			s := newStory(env.T().(shim).T, engine, env.WorkDir)
			env.Values[storyKey{}] = s
			env.Defer(s.end)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": cmd((*story).serverCmd),
			"owner":  cmd((*story).ownerCmd),
			"invite": cmd((*story).inviteCmd),
			"device": cmd((*story).deviceCmd),
			"as":     cmd((*story).asCmd),
			"myna":   cmd((*story).mynaCmd),
			"api":    cmd((*story).apiCmd),
			"page":   cmd((*story).pageCmd),
		},
	})
}

// prepare turns the quotes of a story into those of testscript, in which a # begins a comment wherever
// it stands: "…" becomes '…', and #general becomes '#general'. Lines keep their numbers.
func prepare(text string) string {
	script, files := text, ""
	if at := archived.FindStringIndex(text); at != nil {
		script, files = text[:at[0]], text[at[0]:]
	}
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			lines[i] = quote(line)
		}
	}
	return strings.Join(lines, "\n") + files
}

var (
	archived = regexp.MustCompile(`(?m)^-- .* --$`)
	word     = regexp.MustCompile(`"[^"]*"|'[^']*'|[#~@][^\s"']+`)
)

func quote(line string) string {
	return word.ReplaceAllStringFunc(line, func(w string) string {
		if w[0] == '"' {
			w = w[1 : len(w)-1]
		} else if w[0] == '\'' {
			return w
		}
		return "'" + strings.ReplaceAll(w, "'", "''") + "'"
	})
}

type storyKey struct{}

// cmd makes a testscript command of a method. A "!" before it is refused: what should fail says how,
// with "refused CODE" at its end.
func cmd(do func(*story, context.Context, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		s := ts.Value(storyKey{}).(*story)
		s.ts = ts
		if neg {
			ts.Fatalf("say how it is refused, with: refused CODE")
		}
		if err := do(s, s.t.Context(), args); err != nil {
			ts.Fatalf("%v", err)
		}
	}
}

// shim gives testscript a test, and lets stories reach it.
type shim struct{ *testing.T }

func (s shim) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(shim{t}) })
}

func (s shim) Verbose() bool { return testing.Verbose() }

func TestPrepare(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"a comment stays", "# Ann's \"story\" #1", "# Ann's \"story\" #1"},
		{"a room is quoted", "as ann join #general", "as ann join '#general'"},
		{"a text is quoted", `bob sees #general "hi @ann, it's #1"`, `bob sees '#general' 'hi @ann, it''s #1'`},
		{"a label is quoted", `as ann talk-to ~trio bob`, `as ann talk-to '~trio' bob`},
		{"what is quoted stays", `api ann POST /rooms '{"name":"#x"}'`, `api ann POST /rooms '{"name":"#x"}'`},
		{"files stay", "a #b\n-- f --\n#c \"d\"\n", "a '#b'\n-- f --\n#c \"d\"\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := prepare(tc.in); got != tc.want {
				t.Errorf("prepare(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}
