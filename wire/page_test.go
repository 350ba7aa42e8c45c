package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// TestPages compares the encoders written by hand with the types they stand for.
func TestPages(t *testing.T) {
	messages := []myna.Message{
		{Room: 1, Seq: 1, Rev: 2, Author: 3, Text: "a \"b\" <c>\n你好", Mentions: []myna.UserID{4, 5}, CreatedAt: 6, EditedAt: 7},
		{Room: 1, Seq: 2, Rev: 3, Author: 3, CreatedAt: 6, DeletedAt: 8},
	}
	for name, some := range map[string][]myna.Message{"none": nil, "one": messages[:1], "two": messages} {
		t.Run(name, func(t *testing.T) {
			page := wire.Page{Messages: []wire.Message{}, Head: 9, LastSeq: 2, Older: true}
			changes := wire.ChangePage{Scope: myna.RoomID(1).Scope(), Rows: []wire.Change{}, Head: 9, More: true}
			var rows []myna.Change
			for _, m := range some {
				page.Messages = append(page.Messages, wire.MessageOf(m))
				rows = append(rows, myna.Change{Scope: m.Room.Scope(), Rev: m.Rev, Row: m})
				changes.Rows = append(changes.Rows, wire.ChangeOf(rows[len(rows)-1]))
			}
			same(t, page, wire.AppendPage(nil, some, myna.Head{Rev: 9, Seq: 2}, true, false))
			b, err := wire.AppendChangePage(nil, myna.RoomID(1).Scope(), rows, 9, true, false)
			if err != nil {
				t.Fatal(err)
			}
			same(t, changes, b)
		})
	}
}

func same(t *testing.T, want any, got []byte) {
	t.Helper()
	b, err := wire.Append(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(b), string(got)); diff != "" {
		t.Error(diff)
	}
}
