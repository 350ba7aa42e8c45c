package sqldb_test

import (
	"sync"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store/migrations"
)

const starts = 40

func TestManyStartsOnAnEmptyDatabase(t *testing.T) {
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			url := sqldbtest.URL(t, engine)
			var wg sync.WaitGroup
			for range starts {
				wg.Go(func() {
					db, err := sqldb.Open(t.Context(), url)
					if err != nil {
						t.Error(err)
						return
					}
					defer func() { _ = db.Close() }()
					if err := db.Migrate(t.Context(), migrations.FS); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}
