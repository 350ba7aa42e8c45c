package journal_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// ulid is a nonce as clients make them: the milliseconds, then random bits.
func ulid() (n myna.Nonce) {
	n = newNonce()
	var now [8]byte
	binary.BigEndian.PutUint64(now[:], uint64(time.Now().UnixMilli()))
	copy(n[:6], now[2:])
	return n
}

// BenchmarkPost stores messages of 200 bytes at full durability, in one room or round many, with as many
// under way as given.
func BenchmarkPost(b *testing.B) {
	for _, engine := range sqldbtest.Engines() {
		for _, c := range []struct{ rooms, waiting int }{{1, 1}, {1, 16}, {1, 256}, {100, 256}, {900, 256}} {
			b.Run(fmt.Sprintf("%v/rooms=%d/waiting=%d", engine, c.rooms, c.waiting), func(b *testing.B) {
				h := newHouse(b, sqldbtest.OpenDurable(b, engine, migrations.FS))
				ann := h.user("ann", myna.RoleOwner)
				rooms := make([]myna.RoomID, c.rooms)
				for i := range rooms {
					rooms[i] = h.channel(ann, fmt.Sprint("room", i), myna.OpenRoom)
				}
				text := fmt.Sprintf("%0200d", 7)
				slots := make(chan struct{}, c.waiting)
				b.ResetTimer()
				for i := range b.N {
					slots <- struct{}{}
					h.journal.Submit(&journal.Post{Principal: ann, Room: rooms[i%c.rooms], Nonce: ulid(), Text: text}, func(err error) {
						if err != nil {
							b.Error(err)
						}
						<-slots
					})
				}
				for range c.waiting {
					slots <- struct{}{}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			})
		}
	}
}
