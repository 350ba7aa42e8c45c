package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestMentions(t *testing.T) {
	tests := []struct {
		name, message string
		want          [][]string
	}{
		{"nobody", "hello", nil},
		{"one", "hi @bob", [][]string{{"bob"}}},
		{"two", "@ann and @bob", [][]string{{"ann"}, {"bob"}}},
		{"punctuation after", "thanks @bob.", [][]string{{"bob"}}},
		{"dot inside", "@bob.smith says", [][]string{{"bob.smith", "bob"}}},
		{"address", "mail bob@example.org", nil},
		{"chinese name", "@王小明", [][]string{{"王小明", "王小", "王"}}},
		{"chinese after latin", "@bob你好", [][]string{{"bob你好", "bob你", "bob"}}},
		{"latin is not cut", "@bobby", [][]string{{"bobby"}}},
		{"after chinese text", "你好@bob", [][]string{{"bob"}}},
		{"in code", "see `@bob` there", nil},
		{"in a fence", "```\n@bob\n``` @ann", [][]string{{"ann"}}},
		{"open fence", "```\n@bob", nil},
		{"lone backtick", "a ` @bob", [][]string{{"bob"}}},
		{"escaped", `\@bob`, nil},
		{"lone at", "@ bob @", nil},
		{"broken utf-8", "@bo\xffb", [][]string{{"bo"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Mentions(tt.message, 50)); diff != "" {
				t.Errorf("Mentions(%q) (-want +got):\n%s", tt.message, diff)
			}
		})
	}
}

func TestMentionsStopsAtMost(t *testing.T) {
	if got := len(Mentions(strings.Repeat("@bob ", 100), 50)); got != 50 {
		t.Errorf("%d places, want 50", got)
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("hi @bob `x` @王小明你好")
	f.Fuzz(func(t *testing.T, message string) {
		for _, names := range Mentions(message, 50) {
			for _, name := range names {
				if name == "" || len(name) > maxNameBytes || !strings.Contains(message, "@"+name) {
					t.Errorf("%q names %q", message, name)
				}
				if utf8.ValidString(message) && !utf8.ValidString(name) {
					t.Errorf("%q is cut inside a character", name)
				}
			}
		}
	})
}

func TestClean(t *testing.T) {
	for _, bad := range []string{"a\u202eb", "a\x00b", "x\u200by", "a\nb"} {
		if _, ok := Clean(bad); ok {
			t.Errorf("Clean(%q) let it through", bad)
		}
	}
	if got, ok := Clean("  设计 Team "); !ok || got != "设计 Team" {
		t.Errorf("Clean = %q, %v", got, ok)
	}
	if got := Fold("  ＤＥＳＩＧＮ   Team"); got != "design team" {
		t.Errorf("Fold = %q", got)
	}
}

func BenchmarkMentions(b *testing.B) {
	message := strings.Repeat("some words and then `code` ", 20) + "@bob"
	for b.Loop() {
		Mentions(message, 50)
	}
}
