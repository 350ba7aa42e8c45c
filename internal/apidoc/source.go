package apidoc

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// source is what reflection cannot see of a package: the comments, and the constants in the order they
// were written.
type source struct {
	docs      map[string]string // exported type → its comment, unwrapped
	structs   []string          // exported struct types, in the order of the files
	constants []constant
}

type constant struct {
	Name    string
	Value   string // as written, without quotes; "" for an expression
	Comment string // at the end of the line
}

// parseSource reads the package in dir without its tests.
func parseSource(dir string) (source, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return source{}, fmt.Errorf("list %s: %w", dir, err)
	}
	sort.Strings(paths)
	src := source{docs: map[string]string{}}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return source{}, fmt.Errorf("read source: %w", err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			return source{}, fmt.Errorf("parse source: %w", err)
		}
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok {
				src.add(gen)
			}
		}
	}
	return src, nil
}

func (s *source) add(gen *ast.GenDecl) {
	for _, spec := range gen.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.addType(gen, spec)
		case *ast.ValueSpec:
			if gen.Tok == token.CONST {
				s.addConstant(spec)
			}
		}
	}
}

func (s *source) addType(gen *ast.GenDecl, spec *ast.TypeSpec) {
	if !spec.Name.IsExported() {
		return
	}
	doc := spec.Doc
	if doc == nil {
		doc = gen.Doc
	}
	s.docs[spec.Name.Name] = strings.Join(strings.Fields(doc.Text()), " ")
	if _, ok := spec.Type.(*ast.StructType); ok {
		s.structs = append(s.structs, spec.Name.Name)
	}
}

func (s *source) addConstant(spec *ast.ValueSpec) {
	if len(spec.Values) != 1 || !spec.Names[0].IsExported() {
		return
	}
	value := "" // of an expression, which nobody here asks for
	if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
		value = literal.Value
		if text, err := strconv.Unquote(value); err == nil && literal.Kind == token.STRING {
			value = text
		}
	}
	s.constants = append(s.constants, constant{
		Name: spec.Names[0].Name, Value: value, Comment: strings.TrimSpace(spec.Comment.Text()),
	})
}

// named gives the constants whose names begin with prefix, without the prefix.
func (s *source) named(prefix string) []constant {
	var found []constant
	for _, c := range s.constants {
		if rest, ok := strings.CutPrefix(c.Name, prefix); ok && rest != "" {
			found = append(found, constant{Name: rest, Value: c.Value, Comment: c.Comment})
		}
	}
	return found
}
