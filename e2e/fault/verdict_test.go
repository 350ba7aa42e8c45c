package fault

import (
	"slices"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// TestVerdict shows that the judge finds each kind of broken promise: a loop that never fails proves
// nothing unless it can.
func TestVerdict(t *testing.T) {
	one, two, three := message(1, 1, "one"), message(2, 2, "two"), message(3, 3, "three")
	said := []Said{saidAt(one), saidAt(two), saidAt(three)}
	all := []wire.Message{one, two, three}
	for _, tc := range []struct {
		name    string
		said    []Said
		seen    []wire.Message
		history []wire.Message
		want    string // the first word of each complaint
	}{
		{"all kept", said, all, all, ""},
		{"never acknowledged and not there", append(slices.Clone(said), Said{Nonce: nonce(4), Text: "four"}), all, all, ""},
		{"never acknowledged but there", []Said{saidAt(one), saidAt(two), {Nonce: three.Nonce, Text: "three"}}, all, all, ""},
		{"an acknowledged message is gone", said, all[:2], all[:2], "lost:"},
		{"said twice", said, append(slices.Clone(all), message(4, 3, "three")), append(slices.Clone(all), message(4, 3, "three")), "doubled: moved: taken"},
		{"a hole in the numbers", said[:1], []wire.Message{one, message(3, 2, "two")}, []wire.Message{one, message(3, 2, "two")}, "order: made"},
		{"acknowledged with another number", []Said{saidAt(one), saidAt(two), {Nonce: three.Nonce, Text: "three", Seq: 7}}, all, all, "moved:"},
		{"other words", []Said{saidAt(one), saidAt(two), {Nonce: three.Nonce, Text: "3", Seq: 3}}, all, all, "changed:"},
		{"nobody said it", said[:2], all, all, "made"},
		{"seen and taken back", said[:2], all, all[:2], "taken not"},
		{"the device did not catch up", said, all[:2], all, "not"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var first []string
			for _, complaint := range Verdict(tc.said, tc.seen, tc.history) {
				word, _, _ := strings.Cut(complaint, " ")
				first = append(first, word)
			}
			if got := strings.Join(first, " "); got != tc.want {
				t.Errorf("complains %q, want %q", got, tc.want)
			}
		})
	}
}

func nonce(n byte) myna.Nonce { return myna.Nonce{15: n} }

func message(seq int64, n byte, text string) wire.Message {
	return wire.Message{Seq: seq, Nonce: nonce(n), Text: text}
}

func saidAt(m wire.Message) Said { return Said{Nonce: m.Nonce, Text: m.Text, Seq: m.Seq} }
