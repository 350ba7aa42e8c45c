package store

import (
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// TestCountsLookAtTheNewest: counting has a bound however much somebody said themselves, and counts
// right within it.
func TestCountsLookAtTheNewest(t *testing.T) {
	const room, ann, bob = myna.RoomID(7), myna.UserID(1), myna.UserID(2)
	cases := []struct {
		name    string
		own     int     // messages of ann, from seq 1 on
		of      []int64 // those that are bob's instead; the second names ann
		deleted int64
		read    int64
		want    myna.Counts
	}{
		{name: "nothing", want: myna.Counts{}},
		{name: "own only", own: 20, want: myna.Counts{}},
		{name: "others among own", own: 20, of: []int64{3, 7, 20}, want: myna.Counts{Unread: 3, Mentions: 1}},
		{name: "read partly", own: 20, of: []int64{3, 7, 20}, read: 7, want: myna.Counts{Unread: 1}},
		{name: "deleted", own: 20, of: []int64{3, 7, 20}, deleted: 3, want: myna.Counts{Unread: 2, Mentions: 1}},
		{name: "just near enough", own: unreadSpan + 5, of: []int64{6}, want: myna.Counts{Unread: 1}},
		{name: "too far back", own: unreadSpan + 5, of: []int64{5}, want: myna.Counts{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db := sqldbtest.Open(t, sqldb.SQLite, migrations.FS)
			messages := make([]myna.Message, c.own)
			for i := range messages {
				seq := int64(i + 1)
				messages[i] = myna.Message{Room: room, Seq: seq, Rev: seq, Author: ann, Nonce: myna.Nonce{byte(seq), byte(seq >> 8), byte(seq >> 16)}, Text: "x", CreatedAt: 1}
			}
			for i, seq := range c.of {
				messages[seq-1].Author = bob
				if i == 1 {
					messages[seq-1].Mentions = []myna.UserID{ann}
				}
			}
			if c.deleted > 0 {
				messages[c.deleted-1].DeletedAt = 1
			}
			err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
				if err := InsertMessages(t.Context(), tx, messages); err != nil {
					return err
				}
				if err := SaveMembers(t.Context(), tx, []myna.Member{{Room: room, User: ann, Role: myna.PlainMember}}); err != nil {
					return err
				}
				if err := SaveMemberships(t.Context(), tx, []myna.Membership{{Room: room, User: ann, ReadSeq: c.read}}); err != nil {
					return err
				}
				return SaveHeads(t.Context(), tx, map[myna.Scope]myna.Head{room.Scope(): {Rev: int64(c.own), Seq: int64(c.own)}})
			})
			if err != nil {
				t.Fatal(err)
			}
			s := New(db)
			got, err := s.Counts(t.Context(), ann, room)
			if err != nil || got != c.want {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
			if _, err := s.Counts(t.Context(), bob, room); myna.KindOf(err) != myna.NotFound {
				t.Errorf("somebody outside counts: %v", err)
			}
		})
	}
}
