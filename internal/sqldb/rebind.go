package sqldb

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// maxTexts bounds the translated texts kept. There are a few hundred queries in the program, some in a
// handful of batch sizes; a text beyond the bound is translated each time, which costs microseconds.
const maxTexts = 2048

// rebinder translates `?` to PostgreSQL's `$1` and remembers the result. The zero value works.
type rebinder struct {
	known sync.Map // string → string
	count atomic.Int64
}

func (r *rebinder) text(query string) string {
	if known, ok := r.known.Load(query); ok {
		return known.(string)
	}
	bound := rebind(query)
	if r.count.Load() < maxTexts {
		if _, loaded := r.known.LoadOrStore(query, bound); !loaded {
			r.count.Add(1)
		}
	}
	return bound
}

// rebind replaces each `?` outside of quotes and line comments by $1, $2 …
func rebind(query string) string {
	var b strings.Builder
	b.Grow(len(query) + 2*strings.Count(query, "?"))
	n := 0
	eachPart(query, func(part string, placeholder bool) {
		if !placeholder {
			b.WriteString(part)
			return
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	})
	return b.String()
}

// placeholders counts the `?` outside of quotes and line comments.
func placeholders(query string) (n int) {
	eachPart(query, func(_ string, placeholder bool) {
		if placeholder {
			n++
		}
	})
	return n
}

// eachPart cuts a query into placeholders and what stands between them.
func eachPart(query string, do func(part string, placeholder bool)) {
	start := 0
	for i := 0; i < len(query); {
		switch c := query[i]; {
		case c == '?':
			do(query[start:i], false)
			i++
			do("?", true)
			start = i
		case c == '\'' || c == '"':
			i += skip(query[i:], 1, string(c))
		case strings.HasPrefix(query[i:], "--"):
			i += skip(query[i:], 2, "\n")
		default:
			i++
		}
	}
	do(query[start:], false)
}

// skip is the length of the quoted text or comment at the start of s: up to and with the first end at or
// behind from, or all of s. A doubled quote reads as two quoted texts in a row, which comes to the same.
func skip(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}
