package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes the form of a name that is compared: NFKC, case-folded, with inner white space as one space.
func Fold(name string) string {
	folded := cases.Fold().String(norm.NFKC.String(name))
	return strings.Join(strings.Fields(folded), " ")
}

// Clean makes the form of a name that is kept and shown: NFC, without white space around it or control
// and direction-changing characters in it. ok is false if there were such characters.
func Clean(name string) (clean string, ok bool) {
	clean = strings.TrimSpace(norm.NFC.String(name))
	for _, r := range clean {
		if unicode.IsControl(r) || isDirection(r) || r == unicode.ReplacementChar {
			return "", false
		}
	}
	return clean, true
}

// isDirection says whether r changes the direction of what follows (Unicode bidi controls), by which a
// name can be made to look like another.
func isDirection(r rune) bool {
	return r == 0x061C || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2069 || r == 0xFEFF
}
