package myna_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// The size budgets. They are not a measure of quality; they are the point where somebody has to stop
// and think about where a thing belongs.
const (
	maxPackageLines = 4000
	maxFileLines    = 500
	maxFuncLines    = 70
	maxSvelteLines  = 250
)

func TestSizes(t *testing.T) {
	packages := map[string]int{}
	for _, file := range goFiles(t) {
		if file.generated() {
			continue
		}
		lines := strings.Count(file.text, "\n")
		if lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: split it by what it is about", file.path, lines, maxFileLines)
		}
		if strings.HasSuffix(file.path, "_test.go") {
			continue // a table of cases is as long as it needs to be
		}
		packages[path.Dir(file.path)] += lines
		for _, decl := range file.syntax.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if long := file.line(fn.End()) - file.line(fn.Pos()) + 1; long > maxFuncLines {
				t.Errorf("%s:%d: %s has %d lines, more than %d", file.path, file.line(fn.Pos()), fn.Name.Name, long, maxFuncLines)
			}
		}
	}
	for dir, lines := range packages {
		if lines > maxPackageLines {
			t.Errorf("package %s has %d lines, more than %d", dir, lines, maxPackageLines)
		}
	}
}

// TestNoHiddenState refuses init functions and package variables that change: what a program does must
// follow from what main gave it.
func TestNoHiddenState(t *testing.T) {
	packages := map[string][]goFile{}
	for _, file := range goFiles(t) {
		if !strings.HasSuffix(file.path, "_test.go") {
			dir := path.Dir(file.path)
			packages[dir] = append(packages[dir], file)
		}
	}
	for _, files := range packages {
		vars := packageVars(t, files)
		for _, file := range files {
			for _, decl := range file.syntax.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if !ok {
					continue
				}
				local := localNames(fn)
				ast.Inspect(fn, func(n ast.Node) bool {
					for _, written := range writtenBy(n) {
						if id := root(written); id != nil && vars[id.Name] && !local[id.Name] {
							t.Errorf("%s:%d: package variable %s is changed; hand it down as an argument instead", file.path, file.line(n.Pos()), id.Name)
						}
					}
					return true
				})
			}
		}
	}
}

// packageVars collects the names of a package's variables, complaining about init functions and about
// variables of types that exist to be changed.
func packageVars(t *testing.T, files []goFile) map[string]bool {
	t.Helper()
	vars := map[string]bool{}
	for _, file := range files {
		for _, decl := range file.syntax.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s:%d: init runs behind main's back; call it by name", file.path, file.line(d.Pos()))
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, spec := range d.Specs {
					value := spec.(*ast.ValueSpec)
					if isMutable(value) {
						t.Errorf("%s:%d: a package variable of this type is there to be changed; make it a field", file.path, file.line(value.Pos()))
					}
					for _, name := range value.Names {
						vars[name.Name] = name.Name != "_"
					}
				}
			}
		}
	}
	return vars
}

// isMutable knows locks, atomics, maps for concurrent use and channels by their type or constructor. A
// sync.Pool is let through: it holds only scratch memory.
func isMutable(value *ast.ValueSpec) bool {
	kinds := append([]ast.Expr{value.Type}, value.Values...)
	for _, kind := range kinds {
		if literal, ok := kind.(*ast.CompositeLit); ok {
			kind = literal.Type
		}
		if star, ok := kind.(*ast.StarExpr); ok {
			kind = star.X
		}
		if call, ok := kind.(*ast.CallExpr); ok {
			made, _ := call.Fun.(*ast.Ident)
			if made == nil || made.Name != "make" || len(call.Args) == 0 {
				continue
			}
			kind = call.Args[0]
		}
		switch k := kind.(type) {
		case *ast.ChanType:
			return true
		case *ast.IndexExpr:
			kind = k.X
		}
		if selector, ok := kind.(*ast.SelectorExpr); ok {
			from, _ := selector.X.(*ast.Ident)
			if from != nil && (from.Name == "atomic" || from.Name == "sync" && selector.Sel.Name != "Pool") {
				return true
			}
		}
	}
	return false
}

// writtenBy lists the expressions that a statement changes.
func writtenBy(n ast.Node) []ast.Expr {
	switch s := n.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			return s.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{s.X}
	case *ast.CallExpr:
		if fn, ok := s.Fun.(*ast.Ident); ok && (fn.Name == "delete" || fn.Name == "clear") && len(s.Args) > 0 {
			return s.Args[:1]
		}
	}
	return nil
}

// root is the variable an expression like v, v.f, v[i] or *v starts from; nil if it starts elsewhere.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// localNames lists what a function declares itself: receiver, parameters, variables. A local may share
// its name with a package variable and may be changed.
func localNames(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch d := n.(type) {
		case *ast.Field:
			for _, name := range d.Names {
				names[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range d.Names {
				names[name.Name] = true
			}
		case *ast.AssignStmt:
			for _, left := range d.Lhs {
				if id, ok := left.(*ast.Ident); ok && d.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		case *ast.RangeStmt:
			for _, left := range []ast.Expr{d.Key, d.Value} {
				if id, ok := left.(*ast.Ident); ok && d.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		}
		return true
	})
	return names
}

// TestDependenciesAreJustified wants a line in docs/dependencies.md for each library that is named in
// go.mod, web/package.json or e2e/browser/package.json and not merely needed by another one.
func TestDependenciesAreJustified(t *testing.T) {
	text := read(t, "docs/dependencies.md")
	named := map[string]string{}
	for _, line := range strings.Split(read(t, "go.mod"), "\n") {
		if library := directDependency.FindStringSubmatch(line); library != nil && !strings.HasSuffix(line, "// indirect") {
			named[library[1]] = "go.mod"
		}
	}
	for _, file := range sources(t, ".json") {
		if path.Base(file) != "package.json" {
			continue
		}
		var manifest struct {
			Dependencies    map[string]string `json:"dependencies"`
			DevDependencies map[string]string `json:"devDependencies"`
		}
		if err := json.Unmarshal([]byte(read(t, file)), &manifest); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, list := range []map[string]string{manifest.Dependencies, manifest.DevDependencies} {
			for library, version := range list {
				named[library] = file
				if !exactVersion.MatchString(version) {
					t.Errorf("%s: %s is wanted as %q; name one exact version", file, library, version)
				}
			}
		}
	}
	for library, file := range named {
		if !strings.Contains(text, "`"+library+"`") {
			t.Errorf("%s names %s, but docs/dependencies.md has no line that says what it is for", file, library)
		}
	}
}

var (
	directDependency = regexp.MustCompile(`^\t(?:require )?([a-z0-9.-]+\.[a-z]+/\S+)(?: v\S+)?`)
	exactVersion     = regexp.MustCompile(`^\d+\.\d+\.\d+`)
)

// TestReadmesAgree keeps the Chinese README telling the same commands as the English one.
func TestReadmesAgree(t *testing.T) {
	english, chinese := codeBlocks(read(t, "README.md")), codeBlocks(read(t, "README.zh-CN.md"))
	if len(english) == 0 {
		t.Error("README.md shows no command")
	}
	for i, block := range english {
		if i >= len(chinese) || chinese[i] != block {
			t.Errorf("README.zh-CN.md does not show the same commands as README.md in block %d:\n%s", i+1, block)
		}
	}
}

var fenced = regexp.MustCompile("(?s)```\\w*\n(.*?)```")

func codeBlocks(markdown string) []string {
	var blocks []string
	for _, found := range fenced.FindAllStringSubmatch(markdown, -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}

// TestLinksLead checks that what the documents point to inside the repository is there.
func TestLinksLead(t *testing.T) {
	for _, file := range sources(t, ".md") {
		for _, found := range link.FindAllStringSubmatch(read(t, file), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(file), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", file, found[1])
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
