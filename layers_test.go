package myna_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/myna-chat/myna"

// rows is the house: a package imports only packages of lower rows, and its own subpackages. The drawing
// with the reasons is in ARCHITECTURE.md.
var rows = map[string]int{
	".":                 0, // package myna, the vocabulary
	"wire":              1,
	"internal/sqldb":    1,
	"internal/obs":      1,
	"internal/text":     1,
	"internal/config":   1,
	"internal/webui":    1,
	"internal/store":    2,
	"client":            2,
	"internal/livetest": 2, // a server that misbehaves on demand, for tests of clients
	"internal/journal":  3,
	"internal/live":     3,
	"internal/load":     3,
	"internal/auth":     4,
	"internal/chat":     4,
	"internal/httpapi":  5,
	"internal/ws":       5,
	"internal/apidoc":   6, // writes the API's documents; not part of the server
	"internal/server":   6,
	"internal/cli":      7,
	"cmd":               8,
	"e2e":               9,
}

// neverStore lists the packages that must not reach a row except through chat and auth, where rights
// are decided.
var neverStore = []string{"internal/live", "internal/ws", "internal/httpapi"}

func TestLayers(t *testing.T) {
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file.path, "_test.go") {
			continue // a test may build whatever it needs around the package
		}
		from := home(path.Dir(file.path))
		row, known := rows[from]
		if !known {
			t.Errorf("%s: package %s stands in no row of layers_test.go; give it one", file.path, from)
			continue
		}
		for _, imported := range file.imports() {
			to := home(imported)
			below, known := rows[to]
			switch {
			case to == from:
			case !known:
				t.Errorf("%s imports %s, which stands in no row of layers_test.go", file.path, imported)
			case below >= row:
				t.Errorf("%s (%s, row %d) imports %s (row %d): only lower rows may be imported", file.path, from, row, imported, below)
			case to == "internal/store" && slices.Contains(neverStore, from):
				t.Errorf("%s imports %s: %s reaches rows only through chat and auth, where rights are decided", file.path, imported, from)
			}
		}
	}
}

// TestVocabularyStandsAlone keeps the root package free of libraries: everything else is built on it.
func TestVocabularyStandsAlone(t *testing.T) {
	for _, file := range goFiles(t) {
		if path.Dir(file.path) != "." || strings.HasSuffix(file.path, "_test.go") {
			continue
		}
		for _, spec := range file.syntax.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
				t.Errorf("%s imports %s: package myna imports the standard library only", file.path, name)
			}
		}
	}
}

// home is the listed package that dir belongs to: itself, or the nearest listed parent, so that
// internal/store/migrations belongs to internal/store. What no row lists comes back unchanged.
func home(dir string) string {
	for at := dir; at != "."; at = path.Dir(at) {
		if _, ok := rows[at]; ok {
			return at
		}
	}
	return dir
}

// goFile is one parsed file of the module; path is relative to the root, with slashes.
type goFile struct {
	path   string
	text   string
	fset   *token.FileSet
	syntax *ast.File
}

// imports lists the packages of this module that the file imports, as directories.
func (f goFile) imports() []string {
	var dirs []string
	for _, spec := range f.syntax.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if name == modulePath {
			dirs = append(dirs, ".")
		} else if dir, ok := strings.CutPrefix(name, modulePath+"/"); ok {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func (f goFile) generated() bool { return ast.IsGenerated(f.syntax) }

func (f goFile) line(pos token.Pos) int { return f.fset.Position(pos).Line }

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	for _, name := range sources(t, ".go") {
		fset := token.NewFileSet()
		text := read(t, name)
		syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, goFile{path: name, text: text, fset: fset, syntax: syntax})
	}
	return files
}

// sources lists the files of the tree with one of the endings, leaving out what is built or fetched.
func sources(t *testing.T, endings ...string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch base := entry.Name(); {
			case base == "node_modules", base == "dist", base == "testdata", name == "bin", name == "data":
				return fs.SkipDir
			case strings.HasPrefix(base, ".") && name != ".":
				return fs.SkipDir
			}
			return nil
		}
		if slices.Contains(endings, filepath.Ext(name)) {
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
