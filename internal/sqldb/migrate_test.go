package sqldb_test

import (
	"errors"
	"maps"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store/migrations"
)

const starts = 40 // as many nodes as anybody would start at once

// migrateOnce is what each start does.
func migrateOnce(t *testing.T, url string) {
	db, err := sqldb.Open(t.Context(), url)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(t.Context(), migrations.FS); err != nil {
		t.Error(err)
		return
	}
	have, want, err := db.Version(t.Context(), migrations.FS)
	if err != nil || have != want {
		t.Errorf("at version %d, want %d: %v", have, want, err)
	}
}

func TestManyStartsOnAnEmptyDatabase(t *testing.T) {
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			url := sqldbtest.URL(t, engine)
			var wg sync.WaitGroup
			for range starts {
				wg.Go(func() { migrateOnce(t, url) })
			}
			wg.Wait()
		})
	}
}

// TestManyProcessesOnAnEmptyDatabase runs this test binary again as the processes.
func TestManyProcessesOnAnEmptyDatabase(t *testing.T) {
	const processes, variable = 8, "MYNA_TEST_MIGRATE"
	if url := os.Getenv(variable); url != "" {
		migrateOnce(t, url)
		return
	}
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			url := sqldbtest.URL(t, engine)
			var wg sync.WaitGroup
			for range processes {
				wg.Go(func() {
					process := osexec.Command(os.Args[0], "-test.run=^TestManyProcessesOnAnEmptyDatabase$")
					process.Env = append(os.Environ(), variable+"="+url)
					if out, err := process.CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, out)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestMigrateSteps(t *testing.T) {
	second := schema()
	maps.Copy(second, fstest.MapFS{"0002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE counters ADD COLUMN more BIGINT NOT NULL DEFAULT 7;\n")}})
	sqldbtest.Each(t, schema(), func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		for range 2 { // the second time there is nothing to do
			if err := db.Migrate(ctx, second); err != nil {
				t.Fatal(err)
			}
		}
		if n := number(t, db, "SELECT SUM(more) FROM counters"); n != 21 {
			t.Errorf("the sum is %d, want 21", n)
		}
		var newer *sqldb.NewerError
		err := db.Migrate(ctx, schema())
		if !errors.As(err, &newer) || newer.Have != 2 || newer.Want != 1 {
			t.Errorf("an older program: got %v", err)
		}
	})
}

func TestBrokenMigrationIsToldAndLeavesTheRest(t *testing.T) {
	broken := schema()
	maps.Copy(broken, fstest.MapFS{"0002_broken.sql": {Data: []byte("-- +goose Up\nALTER TABLE nothing ADD COLUMN more BIGINT;\n")}})
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			db := sqldbtest.Open(t, engine, nil)
			for range 2 { // the lock is free again
				err := db.Migrate(t.Context(), broken)
				if err == nil || !strings.Contains(err.Error(), "version:2") {
					t.Errorf("got %v, want the version named", err)
				}
			}
			have, want, err := db.Version(t.Context(), broken)
			if err != nil || have != 1 || want != 2 {
				t.Errorf("at %d of %d, %v; want 1 of 2", have, want, err)
			}
			if n := number(t, db, "SELECT COUNT(*) FROM counters"); n != 3 {
				t.Errorf("%d rows, want 3", n)
			}
		})
	}
}
