package sqldb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

// Benchmarks run at full durability: an insert is counted when the disk has it.

var thingColumns = [...]string{"room_id", "seq", "name", "name_key", "hash", "body"}

// insertThings adds n rows behind seq in one transaction.
func insertThings(ctx context.Context, db *sqldb.DB, query string, seq int64, n int) error {
	body := strings.Repeat("a message of some length, ", 8)
	args := make([]any, 0, n*len(thingColumns))
	for i := range int64(n) {
		args = append(args, 1+(seq+i)%100, seq+i, "name", nil, []byte("0123456789abcdef"), body)
	}
	return db.Update(ctx, func(tx *sqldb.Tx) error {
		if err := exec(ctx, tx, "UPDATE counters SET n = ? WHERE id = ?", seq, 1); err != nil {
			return err
		}
		return exec(ctx, tx, query, args...)
	})
}

func BenchmarkInsert(b *testing.B) {
	for _, engine := range sqldbtest.Engines() {
		for _, batch := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("%s/%d", engine, batch), func(b *testing.B) {
				db := sqldbtest.OpenDurable(b, engine, schema())
				query := insert("things", thingColumns[:], batch)
				seq := int64(0)
				b.ReportAllocs()
				for b.Loop() {
					if err := insertThings(b.Context(), db, query, seq, batch); err != nil {
						b.Fatal(err)
					}
					seq += int64(batch)
				}
				b.ReportMetric(float64(seq)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

func BenchmarkGet(b *testing.B) {
	const rows = 4096
	for _, engine := range sqldbtest.Engines() {
		db := sqldbtest.OpenDurable(b, engine, schema())
		for seq := 0; seq < rows; seq += 256 {
			if err := insertThings(b.Context(), db, insert("things", thingColumns[:], 256), int64(seq), 256); err != nil {
				b.Fatal(err)
			}
		}
		get := func(b *testing.B, q sqldb.Queryer, seq int64) {
			var name, body string
			var hash []byte
			err := q.QueryRow(b.Context(), "SELECT name, hash, body FROM things WHERE room_id = ? AND seq = ?",
				1+seq%100, seq).Scan(&name, &hash, &body)
			if err != nil {
				b.Fatal(err)
			}
		}
		b.Run(engine.String()+"/one", func(b *testing.B) {
			b.ReportAllocs()
			for seq := int64(0); b.Loop(); seq++ {
				get(b, db, seq%rows)
			}
		})
		b.Run(engine.String()+"/in a view of ten", func(b *testing.B) {
			b.ReportAllocs()
			for seq := int64(0); b.Loop(); seq++ {
				err := db.View(b.Context(), func(tx *sqldb.Tx) error {
					for i := range int64(10) {
						get(b, tx, (seq+i)%rows)
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
