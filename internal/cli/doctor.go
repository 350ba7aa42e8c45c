package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/myna-chat/myna/internal/config"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

const (
	lowDisk  = 1 << 30   // bytes: time to do something
	fullDisk = 100 << 20 // bytes: the database's own log files need about that much
	maxSkew  = 2 * time.Second

	// A clock that is before the program was written is no clock: ids and sessions are made from it.
	earliest = 1_767_225_600_000 // 2026-01-01
)

type doctorCmd struct {
	config.Flags
	output
}

// finding is what one look found. Level is ok, warn or fail.
type finding struct {
	Name  string `json:"name"`
	Level string `json:"level"`
	Text  string `json:"text"`
}

type doctor struct {
	settings *config.Config
	now      time.Time
	findings []finding
}

func (d *doctor) ok(name, format string, args ...any)   { d.note(name, "ok", format, args...) }
func (d *doctor) warn(name, format string, args ...any) { d.note(name, "warn", format, args...) }
func (d *doctor) fail(name, format string, args ...any) { d.note(name, "fail", format, args...) }

func (d *doctor) note(name, level, format string, args ...any) {
	d.findings = append(d.findings, finding{name, level, fmt.Sprintf(format, args...)})
}

// Run looks at everything and changes nothing. It fails if something must be mended; a warning is not
// that.
func (c *doctorCmd) Run(ctx context.Context, p *program) error {
	settings, err := c.Load(p.sources)
	if err != nil {
		return &usageError{err}
	}
	d := &doctor{settings: settings, now: time.Now()}
	d.ok("program", "myna %s", Version())
	d.address()
	d.directory()
	d.disk()
	d.clock()
	d.database(ctx)
	if err := c.print(p, d.findings, d.write); err != nil {
		return err
	}
	failed := 0
	for _, f := range d.findings {
		if f.Level == "fail" {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d looks found something to mend", failed, len(d.findings))
	}
	return nil
}

func (d *doctor) write(w io.Writer) {
	for _, f := range d.findings {
		fmt.Fprintf(w, "%-5s %-12s %s\n", f.Level, f.Name, f.Text)
	}
}

func (d *doctor) address() {
	u := d.settings.URL
	switch host := u.Hostname(); {
	case u.Scheme == "https":
		d.ok("address", "%s", u)
	case host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1":
		d.ok("address", "%s, for this machine only", u)
	default:
		d.warn("address", "%s is not encrypted: passwords can be read on the way; use https", u)
	}
	if d.settings.AllowLoadTest {
		d.warn("load test", "--allow-load-test is on: anybody on this machine can make users without limits")
	}
}

// directory looks at who can read the data and whether it can be written.
func (d *doctor) directory() {
	dir := d.settings.Data
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.ok("data", "%s is not there yet; the server makes it when it starts", dir)
		return
	case err != nil:
		d.fail("data", "%s cannot be looked at: %v", dir, err)
		return
	case !info.IsDir():
		d.fail("data", "%s is not a directory", dir)
		return
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		d.fail("data", "nothing can be written into %s: %v", dir, err)
		return
	}
	_, _ = probe.Close(), os.Remove(probe.Name())
	if others := info.Mode().Perm() & 0o077; others != 0 && permissionsMean() {
		d.warn("data", "%s is open to other users of this machine (%s): chmod 700 it", dir, info.Mode().Perm())
		return
	}
	d.ok("data", "%s", dir)
}

func (d *doctor) disk() {
	dir := d.settings.Data
	if file, ok := sqliteFile(d.settings.DB); ok {
		dir = filepath.Dir(file)
	}
	for { // the nearest directory that exists
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, known := freeBytes(dir)
	switch {
	case !known:
		d.ok("disk", "free space is not known on this system")
	case free < fullDisk:
		d.fail("disk", "%s free at %s: the database will stop", megabytes(free), dir)
	case free < lowDisk:
		d.warn("disk", "%s free at %s", megabytes(free), dir)
	default:
		d.ok("disk", "%s free at %s", megabytes(free), dir)
	}
}

func megabytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

func (d *doctor) clock() {
	if d.now.UnixMilli() < earliest {
		d.fail("clock", "it is not %s: set the clock", d.now.UTC().Format(time.DateTime))
		return
	}
	d.ok("clock", "%s", d.now.UTC().Format("2006-01-02 15:04:05 MST"))
}

func (d *doctor) database(ctx context.Context) {
	if file, ok := sqliteFile(d.settings.DB); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			d.warn("database", "there is none at %s yet; the server makes it when it starts", file)
			return
		}
	}
	db, err := openDatabase(ctx, d.settings.Base, false)
	if err != nil {
		d.fail("database", "%v", err)
		return
	}
	defer func() { _ = db.Close() }()
	d.engine(ctx, db)
	d.durability(ctx, db)
	if d.schema(ctx, db) {
		d.people(ctx, db)
	}
}

func (d *doctor) engine(ctx context.Context, db *sqldb.DB) {
	version, clock, user := vitals(db.Engine())
	var text string
	if err := db.QueryRow(ctx, version).Scan(&text); err != nil {
		d.fail("database", "it does not answer: %v", err)
		return
	}
	where := ""
	if db.Path() != "" {
		where = " at " + db.Path()
	}
	d.ok("database", "%s %s%s", db.Engine(), text, where)
	if clock != "" {
		var millis int64
		err := db.QueryRow(ctx, clock).Scan(&millis)
		skew := time.Since(time.UnixMilli(millis)).Abs()
		switch {
		case err != nil:
			d.fail("clock", "the database's clock cannot be read: %v", err)
		case skew > maxSkew:
			d.warn("clock", "the database's clock is %v off ours: keep both in step with NTP", skew.Round(time.Second))
		}
	}
	if user != "" {
		var root bool
		if err := db.QueryRow(ctx, user).Scan(&root); err == nil && root {
			d.warn("database", "Myna signs in as the database's superuser: give it a user of its own")
		}
	}
}

// vitals are the queries for an engine's version, its clock in milliseconds, and whether we are its
// superuser; "" where that means nothing.
func vitals(e sqldb.Engine) (version, clock, superuser string) {
	switch e {
	case sqldb.Postgres:
		return "SHOW server_version", "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp())*1000 AS BIGINT)",
			"SELECT rolsuper FROM pg_roles WHERE rolname=current_user"
	case sqldb.MySQL:
		return "SELECT VERSION()", "SELECT CAST(UNIX_TIMESTAMP(NOW(3))*1000 AS SIGNED)",
			"SELECT CURRENT_USER() LIKE 'root@%'"
	default:
		return "SELECT sqlite_version()", "", ""
	}
}

func (d *doctor) durability(ctx context.Context, db *sqldb.DB) {
	findings, err := db.Check(ctx)
	if err != nil {
		d.fail("durability", "%v", err)
		return
	}
	weak := false
	for _, f := range findings {
		if f.Weak {
			weak = true
			d.warn("durability", "%s is %s, not %s: %s", f.Setting, f.Value, strings.Join(f.Want, " or "), f.Means)
		}
	}
	if !weak {
		d.ok("durability", "what is acknowledged is on the disk")
	}
}

// schema says whether the tables are the ones this program knows.
func (d *doctor) schema(ctx context.Context, db *sqldb.DB) bool {
	have, want, err := db.Version(ctx, migrations.FS)
	switch {
	case err != nil:
		d.fail("schema", "%v", err)
	case have > want:
		d.fail("schema", "%v", &sqldb.NewerError{Have: have, Want: want})
	case have < want:
		d.warn("schema", "version %d of %d: the server brings it up when it starts", have, want)
	default:
		d.ok("schema", "version %d", have)
	}
	return err == nil && have == want
}

func (d *doctor) people(ctx context.Context, db *sqldb.DB) {
	c, err := store.New(db).Census(ctx)
	if err != nil {
		d.fail("people", "%v", err)
		return
	}
	if c.Owners == 0 {
		d.warn("people", "nobody owns this server yet: start it and open the link it prints")
	} else {
		d.ok("people", "%d in all, %d of them owners", c.People, c.Owners)
	}
	if c.Load > 0 {
		d.warn("load test", "there are %d accounts of the load generator: this database is no place for people", c.Load)
	}
	if ahead := c.Newest.Go().Sub(d.now); c.Newest != 0 && ahead > maxSkew {
		d.fail("clock", "the newest account is from %s, which is still to come: the clock went back", local(c.Newest))
	}
}
