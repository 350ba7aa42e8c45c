package sqldb_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

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

const migrateVariable = "MYNA_TEST_MIGRATE" // the URL of the database the process is to migrate

// migrateProcess is this test binary as a process that starts and migrates.
func migrateProcess(url string) *osexec.Cmd {
	process := osexec.Command(os.Args[0], "-test.run=^TestMigrateProcess$")
	process.Env = append(os.Environ(), migrateVariable+"="+url)
	return process
}

func TestMigrateProcess(t *testing.T) {
	url := os.Getenv(migrateVariable)
	if url == "" {
		t.Skip("it is for migrateProcess")
	}
	migrateOnce(t, url)
}

func TestManyProcessesOnAnEmptyDatabase(t *testing.T) {
	const processes = 8
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			url := sqldbtest.URL(t, engine)
			var wg sync.WaitGroup
			for range processes {
				wg.Go(func() {
					if out, err := migrateProcess(url).CombinedOutput(); err != nil {
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

// A migration killed again and again, each time a little later, comes to its end.
func TestKilledMigrationsAreTakenUp(t *testing.T) {
	const cuts = 20 // places in the life of a process at which it is killed
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			step := wholeMigration(t, engine) / cuts
			url := sqldbtest.URL(t, engine)
			kills := 0
			for {
				process := migrateProcess(url)
				var out bytes.Buffer
				process.Stdout, process.Stderr = &out, &out
				if err := process.Start(); err != nil {
					t.Fatal(err)
				}
				timer := time.AfterFunc(time.Duration(kills)*step, func() { _ = process.Process.Kill() })
				err := process.Wait()
				timer.Stop()
				if err == nil {
					break
				}
				if !strings.Contains(err.Error(), "killed") {
					t.Fatalf("after %d kills: %v: %s", kills, err, out.String())
				}
				kills++
			}
			t.Logf("killed %d times", kills)
			db := open(t, url)
			if have, want, err := db.Version(t.Context(), migrations.FS); err != nil || have != want {
				t.Errorf("at version %d, want %d: %v", have, want, err)
			}
			for _, table := range []string{"users", "messages", "mentions"} {
				if n := number(t, db, "SELECT COUNT(*) FROM "+table); n != 0 {
					t.Errorf("%s has %d rows", table, n)
				}
			}
		})
	}
}

// wholeMigration is how long a process takes here and now to make a database; with the race detector
// it is many times what it is without.
func wholeMigration(t *testing.T, engine sqldb.Engine) time.Duration {
	t.Helper()
	process := migrateProcess(sqldbtest.URL(t, engine))
	started := time.Now()
	if out, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return max(time.Since(started), time.Second/10)
}

// A table of somebody else's is not taken for ours, however often one tries.
func TestForeignTablesAreNotTakenOver(t *testing.T) {
	for _, engine := range sqldbtest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			db := sqldbtest.Open(t, engine, nil)
			update(t, db, func(tx *sqldb.Tx) error {
				return exec(t.Context(), tx, "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)")
			})
			for range 3 {
				if err := db.Migrate(t.Context(), migrations.FS); err == nil {
					t.Fatal("it went on with a table that was there")
				}
			}
		})
	}
}
