package myna_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// webRows is the order in which the client's folders may import each other: lower ones only, as with
// the Go packages. Flow is one way: net → sync → state → features.
var webRows = map[string]int{
	"wire": 0, "text": 0, "i18n": 0, "net": 1, "ui": 1, "sync": 2, "state": 3, "features": 4,
}

func TestWebLayers(t *testing.T) {
	for _, file := range webSources(t) {
		from := webFolder(file)
		row, known := webRows[from]
		if !known || isWebTest(file) {
			continue // main.ts, App.svelte, sw.ts know everybody
		}
		for _, imported := range webImports(t, file) {
			to := webFolder(imported)
			below, known := webRows[to]
			switch {
			case !known || to == from && from != "features":
			case to == from:
				if ours, theirs := feature(file), feature(imported); theirs != "" && ours != theirs && ours != "shell" {
					t.Errorf("%s imports %s: features never import each other", file, imported)
				}
			case below >= row:
				t.Errorf("%s (%s) imports %s (%s): only lower rows may be imported", file, from, imported, to)
			case from == "ui" && (to == "wire" || to == "net"):
				t.Errorf("%s imports %s: the ui folder knows nothing of the wire", file, imported)
			}
		}
	}
}

func TestSvelteSizes(t *testing.T) {
	for _, file := range webSources(t) {
		if lines := strings.Count(read(t, file), "\n"); path.Ext(file) == ".svelte" && lines > maxSvelteLines {
			t.Errorf("%s has %d lines, more than %d: split it by what it is about", file, lines, maxSvelteLines)
		}
	}
}

func webSources(t *testing.T) []string {
	t.Helper()
	files := sources(t, ".ts", ".svelte")
	return slices.DeleteFunc(files, func(file string) bool { return !strings.HasPrefix(file, "web/src/") })
}

func isWebTest(file string) bool { return strings.Contains(path.Base(file), ".test.") }

// webFolder is the first name below web/src: "net" for web/src/net/socket.ts, "wire" for web/src/wire.ts.
func webFolder(file string) string {
	inside, _ := strings.CutPrefix(file, "web/src/")
	first, _, _ := strings.Cut(inside, "/")
	return strings.TrimSuffix(first, ".ts")
}

// feature is "timeline" for web/src/features/timeline/Row.svelte, and "" for a file that stands beside
// the features and is shared by them. The shell is the one that puts the others in their places.
func feature(file string) string {
	inside, _ := strings.CutPrefix(file, "web/src/features/")
	name, _, nested := strings.Cut(inside, "/")
	if !nested {
		return ""
	}
	return name
}

var webImport = regexp.MustCompile(`(?:\bfrom|\bimport\(?)\s*['"](\.{1,2}/[^'"]+)['"]`)

// webImports lists what a file imports from the client itself, as paths from the root.
func webImports(t *testing.T, file string) []string {
	t.Helper()
	var names []string
	for _, found := range webImport.FindAllStringSubmatch(read(t, file), -1) {
		names = append(names, path.Join(path.Dir(file), found[1]))
	}
	return names
}
