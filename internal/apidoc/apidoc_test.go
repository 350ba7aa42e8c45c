package apidoc

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

const root = "../.."

// TestFresh is the gate: the generated files are those the code would write now.
func TestFresh(t *testing.T) {
	files, err := Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		have, err := os.ReadFile(filepath.Join(root, file.Path))
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != string(file.Text) {
			t.Errorf("%s is not current: run `make generate` and commit what it writes", file.Path)
		}
	}
}

// TestEveryWireTypeIsDescribed compares the list in types.go with the source of package wire.
func TestEveryWireTypeIsDescribed(t *testing.T) {
	src, err := parseSource(filepath.Join(root, "wire"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]int{}
	for _, section := range sections() {
		for _, typ := range section.Types {
			listed[typ.Name()]++
		}
	}
	for _, name := range src.structs {
		if listed[name] != 1 {
			t.Errorf("wire.%s stands %d times in sections(), want once", name, listed[name])
		}
	}
}

func TestTypeNames(t *testing.T) {
	type sample struct {
		Plain   []int            `json:"plain"`
		Map     map[string]int64 `json:"map"`
		Pointer *bool            `json:"pointer,omitempty"`
		Enum    string           `json:"enum" enum:"a,b"`
	}
	typ := reflect.TypeFor[sample]()
	for i, want := range []string{"number[]", "Record<string, number>", "boolean", "'a' | 'b'"} {
		if got := fieldType(typ, typ.Field(i)); got != want {
			t.Errorf("%s is %s, want %s", typ.Field(i).Name, got, want)
		}
	}
}

func TestLowerFirst(t *testing.T) {
	for in, want := range map[string]string{"NotUTF8": "notUTF8", "GoingAway": "goingAway", "ID": "id", "URLText": "urlText"} {
		if got := lowerFirst(in); got != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", in, got, want)
		}
	}
}
