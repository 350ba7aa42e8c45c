package sqldb_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
)

// BenchmarkRowid compares what @table stands for on SQLite, WITHOUT ROWID, with an ordinary table: rows of
// a hundred rooms mixed as they come in, and a room's newest page.
func BenchmarkRowid(b *testing.B) {
	const batch, batches, page = 256, 400, 50
	without := schema()
	with := schema()
	with["0001_start.sql"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(with["0001_start.sql"].Data), "@table", ""))}
	for name, files := range map[string]fstest.MapFS{"without": without, "with": with} {
		b.Run(name, func(b *testing.B) {
			db := sqldbtest.OpenDurable(b, sqldb.SQLite, files)
			query := insert("things", thingColumns[:], batch)
			seq := int64(0)
			insert := func(b *testing.B) {
				if err := insertThings(b.Context(), db, query, seq, batch); err != nil {
					b.Fatal(err)
				}
				seq += batch
			}
			for range batches {
				insert(b)
			}
			b.Run("insert", func(b *testing.B) {
				for b.Loop() {
					insert(b)
				}
				b.ReportMetric(float64(b.N)*batch/b.Elapsed().Seconds(), "rows/s")
			})
			b.Run("page", func(b *testing.B) {
				for room := 0; b.Loop(); room++ {
					if n := readPage(b, db, 1+room%100, page); n != page {
						b.Fatalf("%d rows", n)
					}
				}
			})
		})
	}
}

func readPage(b *testing.B, q sqldb.Queryer, room, page int) (n int) {
	rows, err := q.Query(b.Context(), "SELECT seq, body FROM things WHERE room_id = ? ORDER BY seq DESC LIMIT ?", room, page)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var seq int64
	var body string
	for rows.Next() {
		if err := rows.Scan(&seq, &body); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}
