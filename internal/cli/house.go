package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/config"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/obs"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// house is the part of a server that commands need: people and their sessions, over the same database.
type house struct {
	auth *auth.Auth
	url  *url.URL
	stop func()
}

// site are the settings of commands that work on the database of a server. Listen and TLSDomain are
// there only because the address of a link may follow from them.
type site struct {
	config.Common
	URL       string   `name:"url" help:"The address people open; links begin with it." placeholder:"URL" env:"MYNA_URL"`
	Listen    string   `hidden:"" env:"MYNA_LISTEN"`
	TLSDomain []string `hidden:"" name:"tls-domain" env:"MYNA_TLS_DOMAIN"`
}

// open opens the database. One that is empty is brought up only if fresh is true; an old one never is,
// as a server of an older release may be running on it.
func (s *site) open(ctx context.Context, p *program, fresh bool) (*house, error) {
	flags := config.Flags{Common: s.Common, URL: s.URL, Listen: s.Listen, TLSDomain: s.TLSDomain}
	settings, err := flags.Load(p.sources)
	if err != nil {
		return nil, &usageError{err}
	}
	db, err := openDatabase(ctx, settings.Base, fresh)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(ctx, db, fresh); err != nil {
		_ = db.Close()
		return nil, err
	}
	st := store.New(db)
	j := journal.New(st, journal.Options{})
	writing, end := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { j.Run(writing) })
	log := obs.NewLogger(p.stderr, settings.LogFormat, settings.LogLevel)
	return &house{
		auth: auth.New(st, j, auth.Options{Log: log}), url: settings.URL,
		stop: func() {
			end()
			running.Wait()
			if err := db.Close(); err != nil {
				log.Warn("the database was not closed well", "error", err)
			}
		},
	}, nil
}

// openDatabase opens the database, and does not make a SQLite file where none is unless fresh is true.
func openDatabase(ctx context.Context, settings config.Base, fresh bool) (*sqldb.DB, error) {
	if file, ok := sqliteFile(settings.DB); ok && !fresh {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("there is no database at %s: name it with --db or --data, or start the server first", file)
		}
	}
	return sqldb.Open(ctx, settings.DB.Reveal())
}

// sqliteFile is the file a database URL names, if it names one.
func sqliteFile(db config.Secret) (file string, ok bool) {
	rest, ok := strings.CutPrefix(db.Reveal(), "sqlite:")
	if !ok {
		return "", false
	}
	file, err := filepath.Abs(strings.TrimPrefix(rest, "//"))
	return file, err == nil
}

func checkVersion(ctx context.Context, db *sqldb.DB, fresh bool) error {
	have, want, err := db.Version(ctx, migrations.FS)
	switch {
	case err != nil:
		return err
	case have == 0 && fresh:
		return db.Migrate(ctx, migrations.FS)
	case have < want:
		return fmt.Errorf("the database is at version %d and this program needs %d: start the server once, it brings the database up", have, want)
	case have > want:
		return &sqldb.NewerError{Have: have, Want: want}
	}
	return nil
}

// link is an address of the client's, with the secret behind a #, where no proxy's log sees it.
func (h *house) link(screen, token string) string {
	return h.url.JoinPath(screen).String() + "#" + token
}
