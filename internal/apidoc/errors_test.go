package apidoc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
)

// TestEveryCodeIsDescribed compares errors.go here with the codes of package myna, both ways.
func TestEveryCodeIsDescribed(t *testing.T) {
	src, err := parseSource(root)
	if err != nil {
		t.Fatal(err)
	}
	described := codes()
	listed := src.named("Code")
	for _, c := range listed {
		if described[c.Value].Meaning == "" {
			t.Errorf("error code %s has no meaning in errors.go", c.Value)
		}
	}
	if len(described) != len(listed) {
		t.Errorf("%d codes are described, there are %d", len(described), len(listed))
	}
}

// TestKindsAreAsDescribed looks at every place that makes an error: its kind, and with it the HTTP
// status, must be the one the documents give for its code.
func TestKindsAreAsDescribed(t *testing.T) {
	src, err := parseSource(root)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, c := range src.named("Code") {
		values["Code"+c.Name] = c.Value
	}
	kinds := map[string]myna.Kind{
		"Internal": myna.Internal, "Invalid": myna.Invalid, "Unauthorized": myna.Unauthorized, "Denied": myna.Denied,
		"NotFound": myna.NotFound, "Conflict": myna.Conflict, "Limited": myna.Limited, "Gone": myna.Gone,
	}
	described, seen := codes(), 0
	for _, path := range goFiles(t) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 || lastName(call.Fun) != "Errorf" {
				return true
			}
			kind, isKind := kinds[lastName(call.Args[0])]
			value, isCode := values[lastName(call.Args[1])]
			if !isKind || !isCode {
				return true
			}
			seen++
			if described[value].Kind != kind {
				t.Errorf("%s: %s is made with kind %s, errors.go says %s",
					fset.Position(call.Pos()), value, lastName(call.Args[0]), kindNames()[described[value].Kind])
			}
			return true
		})
	}
	if seen < 20 {
		t.Errorf("only %d places were found: is the search still right?", seen)
	}
}

// goFiles lists the sources of the server; clients and load generators make errors of their own.
func goFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "load" || name == "livetest" || name == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// lastName is the name at the end of an expression like myna.Invalid or Invalid.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
