// Package fault does violence to a running server and checks what it promised: what it acknowledged is
// there, once, in one order, on the server and on every device.
package fault

import (
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// Said is a message somebody tried to say. Seq is 0 while nothing acknowledged it.
type Said struct {
	Nonce myna.Nonce
	Text  string
	Seq   int64
}

// Verdict compares what was said and what a device saw live with what the server has in the end. It
// returns every broken promise as a sentence; none means that all were kept.
func Verdict(said []Said, seen, history []wire.Message) []string {
	var broken []string
	blame := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }

	byNonce := map[myna.Nonce]wire.Message{}
	for i, m := range history {
		if want := int64(i + 1); m.Seq != want {
			blame("order: message %d of the history has seq %d", want, m.Seq)
		}
		if first, twice := byNonce[m.Nonce]; twice {
			blame("doubled: %q stands at seq %d and %d", m.Text, first.Seq, m.Seq)
		}
		byNonce[m.Nonce] = m
	}
	known := map[myna.Nonce]bool{}
	for _, s := range said {
		known[s.Nonce] = true
		m, found := byNonce[s.Nonce]
		switch {
		case !found && s.Seq != 0:
			blame("lost: %q was acknowledged at seq %d and is gone", s.Text, s.Seq)
		case !found:
		case s.Seq != 0 && m.Seq != s.Seq:
			blame("moved: %q was acknowledged at seq %d and stands at %d", s.Text, s.Seq, m.Seq)
		case m.Text != s.Text:
			blame("changed: %q became %q", s.Text, m.Text)
		}
	}
	for _, m := range history {
		if !known[m.Nonce] {
			blame("made up: nobody said %q at seq %d", m.Text, m.Seq)
		}
	}
	for _, m := range seen {
		if have, found := byNonce[m.Nonce]; !found || have.Seq != m.Seq || have.Text != m.Text {
			blame("taken back: a device saw %q at seq %d, and the server has %q at %d", m.Text, m.Seq, have.Text, have.Seq)
		}
	}
	if len(seen) != len(history) {
		blame("not converged: the device knows %d messages of %d", len(seen), len(history))
	}
	return broken
}
