// Package text reads what people write: whom a message names, and how names are folded so that they can
// be compared. It is pure. The client has the same rules in web/src/text; testdata/mentions.json is
// read by the tests of both.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameBytes bounds a name after an @, as usernames are bounded.
const maxNameBytes = 64

// Mentions finds the places in a message that may name people: for each "@" outside of code, every
// beginning of what follows that could be a username, the longest first. Chinese is written without
// spaces, so "@王小明你好" yields 王小明你好, 王小明你, 王小明, 王小 and 王; who of them exists is for the
// caller to say. At most most places are returned.
func Mentions(message string, most int) [][]string {
	var places [][]string
	for i := 0; i < len(message) && len(places) < most; {
		switch {
		case message[i] == '`':
			i = skipCode(message, i)
		case message[i] == '\\' && i+1 < len(message):
			i += 2
		case message[i] == '@' && startsName(message, i):
			names := candidates(message[i+1:])
			if len(names) > 0 {
				places = append(places, names)
				i += 1 + len(names[len(names)-1])
			} else {
				i++
			}
		default:
			i++
		}
	}
	return places
}

// skipCode returns the index after a code span or fence that opens at i, or after its backticks if it is
// never closed.
func skipCode(message string, i int) int {
	n := 0
	for i+n < len(message) && message[i+n] == '`' {
		n++
	}
	ticks := message[i : i+n]
	for rest := i + n; ; {
		at := strings.Index(message[rest:], ticks)
		if at < 0 {
			if n >= 3 {
				return len(message) // a fence without an end runs to the end
			}
			return i + n
		}
		end := rest + at + n
		if end == len(message) || message[end] != '`' {
			return end
		}
		for end < len(message) && message[end] == '`' { // a longer run does not close
			end++
		}
		rest = end
	}
}

// startsName says whether the @ at i can begin a mention: not in the middle of a word or an address,
// except after a script that is written without spaces.
func startsName(message string, i int) bool {
	before, size := utf8.DecodeLastRuneInString(message[:i])
	return size == 0 || !isWord(before) || unspaced(before)
}

// candidates lists the beginnings of text that could be a username, the longest first.
func candidates(text string) []string {
	var ends []int
	last := rune(0)
	i := 0
	for i < len(text) && i < maxNameBytes {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isWord(r) && !isJoin(r) || i+size > maxNameBytes {
			break
		}
		if i > 0 && isWord(last) && (unspaced(r) || unspaced(last) || isJoin(r)) {
			ends = append(ends, i)
		}
		last = r
		i += size
	}
	if i > 0 && isWord(last) {
		ends = append(ends, i)
	}
	names := make([]string, 0, len(ends))
	for k := len(ends) - 1; k >= 0; k-- {
		names = append(names, text[:ends[k]])
	}
	return names
}

// isWord says whether a username can consist of r.
func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '_')
}

// isJoin says whether r can stand inside a username, but not end it.
func isJoin(r rune) bool { return r == '-' || r == '.' }

// unspaced says whether r is of a script that is written without spaces between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
