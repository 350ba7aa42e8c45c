package auth

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/text"
)

func TestParseUsername(t *testing.T) {
	for _, c := range []struct{ name, typed, text, code string }{
		{"plain", "ann", "ann", ""},
		{"case is folded", "Ann.Lee", "ann.lee", ""},
		{"spaces around go", "  ann ", "ann", ""},
		{"Chinese", "张三", "张三", ""},
		{"Chinese with Latin", "小明-dev", "小明-dev", ""},
		{"full width becomes narrow", "ＡＮＮ", "ann", ""},
		{"decomposed becomes composed", "jose\u0301", "josé", ""},
		{"Hindi with vowel signs", "हिन्दी", "हिन्दी", ""},
		{"Korean", "홍길동", "홍길동", ""},
		{"Hebrew", "שלום", "שלום", ""},
		{"digits only", "42", "42", ""},
		{"longest", strings.Repeat("a", 64), strings.Repeat("a", 64), ""},
		{"empty", "", "", myna.CodeEmpty},
		{"only spaces", "  ", "", myna.CodeEmpty},
		{"too long", strings.Repeat("a", 65), "", myna.CodeTooLong},
		{"too long in Chinese", strings.Repeat("张", 22), "", myna.CodeTooLong},
		{"space inside", "ann lee", "", myna.CodeBadUsername},
		{"leading dot", ".ann", "", myna.CodeBadUsername},
		{"trailing hyphen", "ann-", "", myna.CodeBadUsername},
		{"two dots", "ann..lee", "", myna.CodeBadUsername},
		{"at sign", "@ann", "", myna.CodeBadUsername},
		{"control", "an\u0007n", "", myna.CodeBadUsername},
		{"zero width joiner", "an\u200dn", "", myna.CodeBadUsername},
		{"bidi override", "ann\u202e", "", myna.CodeBadUsername},
		{"mixed direction", "annשלום", "", myna.CodeBadUsername},
		{"emoji", "ann😀", "", myna.CodeBadUsername},
		{"ligature", "ﬁn", "", myna.CodeBadUsername},
		{"leading mark", "\u0301ann", "", myna.CodeBadUsername},
		{"not UTF-8", "an\xffn", "", myna.CodeBadUsername},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseUsername(c.typed)
			if c.code != "" {
				if e := myna.AsError(err); err == nil || e.Code != c.code || e.Kind != myna.Invalid || e.Field != "username" {
					t.Fatalf("ParseUsername(%q) = %+v, %v; want code %s", c.typed, got, err, c.code)
				}
				return
			}
			if err != nil || got.Text != c.text {
				t.Fatalf("ParseUsername(%q) = %+v, %v; want %q", c.typed, got, err, c.text)
			}
		})
	}
}

func TestSameKey(t *testing.T) {
	for _, c := range [][2]string{{"ANN", "ann"}, {"straße", "STRASSE"}, {"ΣΑΣ", "σας"}, {"Ａｎｎ", "ann"}} {
		a, errA := ParseUsername(c[0])
		b, errB := ParseUsername(c[1])
		if errA != nil || errB != nil || a.Key != b.Key {
			t.Errorf("%q has key %q, %q has %q (%v, %v); want the same", c[0], a.Key, c[1], b.Key, errA, errB)
		}
	}
}

func TestSkeleton(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"paypal", "раураl", true}, // Cyrillic
		{"paypal", "paypa1", true},
		{"paypal", "paypai", true},
		{"google", "g00gle", true},
		{"ann", "aпn", true},
		{"alice", "аliсе", true},
		{"omega", "οmega", true}, // Greek omicron
		{"modern", "modem", true},
		{"willow", "vvillow", true},
		{"user1", "user१", true}, // Devanagari one
		{"工口", "エロ", true},
		{"ann", "anna", false},
		{"ann", "ann1", false},
		{"张三", "张山", false},
		{"jose", "josé", false},
		{"bob", "rob", false},
		{"ann.lee", "ann-lee", false},
	} {
		a, errA := ParseUsername(c.a)
		b, errB := ParseUsername(c.b)
		if errA != nil || errB != nil {
			t.Fatalf("%q: %v, %q: %v", c.a, errA, c.b, errB)
		}
		if (a.Skeleton == b.Skeleton) != c.same {
			t.Errorf("skeletons of %q and %q are %q and %q; want same = %v", c.a, c.b, a.Skeleton, b.Skeleton, c.same)
		}
	}
}

func TestLookAlikesAreFinal(t *testing.T) {
	for r, target := range lookAlikes {
		for _, out := range target {
			if next, ok := lookAlikes[out]; ok && next != string(out) {
				t.Errorf("%q becomes %q, and that %q: skeletons would not be stable", r, target, next)
			}
		}
	}
}

func TestCheckReserved(t *testing.T) {
	for _, c := range []struct {
		name       string
		stranger   bool // refused for somebody who registers
		evenOwners bool
	}{
		{"ann", false, false},
		{"all", true, true},
		{"aII", true, true},
		{"ALL", true, true},
		{"here", true, true},
		{"所有人", true, true},
		{"load-00001", true, true},
		{"loader", false, false},
		{"admin", true, false},
		{"аdmin", true, false}, // Cyrillic а
		{"adm1n", true, false},
		{"管理员", true, false},
	} {
		u, err := ParseUsername(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := CheckReserved(u, false) != nil; got != c.stranger {
			t.Errorf("%q refused when registering: %v, want %v", c.name, got, c.stranger)
		}
		if got := CheckReserved(u, true) != nil; got != c.evenOwners {
			t.Errorf("%q refused for an owner: %v, want %v", c.name, got, c.evenOwners)
		}
	}
}

// FuzzParseUsername holds that a name that is let in is stable, fits its columns, carries nothing
// invisible, and that parsing what is shown gives the same name.
func FuzzParseUsername(f *testing.F) {
	for _, seed := range []string{"ann", "张三", "ＡＮＮ", "ΣΑΣ", "ß", "ann\u202e", "हिन्दी", "İ", "ŉ", "ᾳ", "ﷺ", "م1", "a\u0345", "ʼn"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		u, err := ParseUsername(typed)
		if err != nil {
			if myna.KindOf(err) != myna.Invalid {
				t.Fatalf("%q: %v is not of kind Invalid", typed, err)
			}
			return
		}
		if len(u.Text) > myna.MaxUsernameBytes || utf8.RuneCountInString(u.Key) > 190 || utf8.RuneCountInString(u.Skeleton) > 190 {
			t.Fatalf("%q does not fit: %+v", typed, u)
		}
		for _, r := range u.Text {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || unicode.IsUpper(r) {
				t.Fatalf("%q let %q in", typed, r)
			}
		}
		again, err := ParseUsername(u.Text)
		if err != nil || again != u {
			t.Fatalf("%q is shown as %q, which is read as %+v (%v), not %+v", typed, u.Text, again, err, u)
		}
		if places := text.Mentions("@"+u.Text, 1); len(places) != 1 || !slices.Contains(places[0], u.Text) {
			t.Fatalf("@%s cannot be mentioned: %q", u.Text, places)
		}
	})
}
