package chat

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/text"
)

func TestCandidates(t *testing.T) {
	t.Run("a usual message", func(t *testing.T) {
		places, keys := candidates(text.Mentions("@Ann and @王小明, @ann!", myna.MaxMentions))
		want := [][]string{{"ann"}, {"王小明", "王小", "王"}, {"ann"}}
		if !slices.EqualFunc(places, want, slices.Equal) || len(keys) != 4 {
			t.Errorf("%q, %q", places, keys)
		}
	})
	t.Run("the most people, named with spaces", func(t *testing.T) {
		var message strings.Builder
		for i := range myna.MaxMentions {
			fmt.Fprintf(&message, "@person%d ", i)
		}
		if places, keys := candidates(text.Mentions(message.String(), myna.MaxMentions)); len(places) != myna.MaxMentions || len(keys) != myna.MaxMentions {
			t.Errorf("%d places, %d names", len(places), len(keys))
		}
	})
	t.Run("as many as one can make", func(t *testing.T) {
		var message strings.Builder
		for i := range myna.MaxMentions {
			fmt.Fprintf(&message, "@%c", rune(0x4e00+i))
			for range 21 {
				fmt.Fprintf(&message, "-%c", rune(0x5e00+i))
			}
			message.WriteByte(' ')
		}
		all := text.Mentions(message.String(), myna.MaxMentions)
		places, keys := candidates(all)
		if len(keys) != maxNames {
			t.Errorf("%d names are looked up, want %d", len(keys), maxNames)
		}
		for i, names := range places {
			if longest := text.Fold(all[i][0]); len(names) > 0 && names[0] != longest {
				t.Errorf("place %d begins with %q, not with its longest name", i, names[0])
			}
			if i < len(places)-1 && len(names) != len(all[i]) {
				t.Errorf("place %d has %d names of %d, though there are later places", i, len(names), len(all[i]))
			}
		}
	})
}
