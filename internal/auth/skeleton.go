package auth

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// skeleton replaces what looks alike, so that two names with the same skeleton cannot be told apart at a
// glance. It follows the skeleton of Unicode Technical Standard #39, section 4, with a small table of
// our own in place of its 6,000 lines: names are case-folded and free of symbols before they come here,
// which leaves the look-alikes between Latin, Greek, Cyrillic, Armenian, digits, and between Katakana
// and Chinese. Where the table differs from confusables.txt it joins more (i with l, κ and к with k).
func skeleton(key string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(key) {
		if digit, ok := decimal(r); ok {
			r = digit
		}
		if like, ok := lookAlikes[r]; ok {
			b.WriteString(like)
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// decimal turns a digit of any script into the ASCII one. The ranges of unicode.Nd are runs of ten that
// begin with a zero.
func decimal(r rune) (rune, bool) {
	if r < 0x80 {
		return r, '0' <= r && r <= '9'
	}
	for _, run := range unicode.Nd.R16 {
		if uint32(r) >= uint32(run.Lo) && uint32(r) <= uint32(run.Hi) {
			return '0' + (r-rune(run.Lo))%10, true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if uint32(r) >= run.Lo && uint32(r) <= run.Hi {
			return '0' + (r-rune(run.Lo))%10, true
		}
	}
	return r, false
}

// lookAlikes maps a character to what it looks like. Targets are never keys.
var lookAlikes = spread(map[string]string{
	"a":  "ɑαаꭺ",
	"b":  "ƅьɓ",
	"c":  "ϲсᴄⅽꮯꓚ",
	"d":  "ԁɗꓒ",
	"e":  "еҽєεꬲ",
	"f":  "ꬵẝ",
	"g":  "ɡցɢ",
	"h":  "һհ",
	"j":  "јϳȷյ",
	"k":  "κкĸ",
	"l":  "1iіıιɩɪӏǀוןاꓡꓲꭵ丨",
	"n":  "ոηпռ",
	"o":  "0оοσօᴏסهဝ๐໐ꓳо",
	"p":  "рρƿþꓑ",
	"q":  "ԛզ",
	"r":  "гᴦꭇꮁ",
	"rn": "mмⅿ",
	"s":  "ѕꜱꮪꓢƽ",
	"t":  "τт",
	"u":  "υսʋᴜꓴ",
	"v":  "νѵᴠꮩꓦט",
	"vv": "wѡԝᴡաꮃꓪωɯ",
	"x":  "хχꓫ",
	"y":  "уγүყʏ",
	"z":  "ᴢꮓꓜ",
	"ae": "æӕ",
	"oe": "œ",
	"ss": "ßβ",
	"3":  "зʒȝӡ",
	"6":  "б",
	"工":  "エェ",
	"力":  "カヵ",
	"夕":  "タ",
	"卜":  "ト",
	"二":  "ニ",
	"八":  "ハ",
	"口":  "ロ囗",
	"へ":  "ヘ",
	"り":  "リ",
	"一":  "ー㇐",
	"千":  "チ",
	"才":  "オ",
})

// spread turns target → sources into source → target.
func spread(groups map[string]string) map[rune]string {
	table := map[rune]string{}
	for target, sources := range groups {
		for _, r := range sources {
			table[r] = target
		}
	}
	return table
}
