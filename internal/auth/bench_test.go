package auth_test

import (
	"testing"

	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// BenchmarkAuthenticate proves one of 5,000 sessions: what every request and every connection pays.
func BenchmarkAuthenticate(b *testing.B) {
	for _, engine := range sqldbtest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			a := benchAuth(b, sqldbtest.OpenDurable(b, engine, migrations.FS))
			grants, err := a.LoadAccounts(b.Context(), 5_000)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, _, err := a.Authenticate(b.Context(), grants[i%len(grants)].Token); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// BenchmarkLoadAccounts makes 1,000 accounts with a session each.
func BenchmarkLoadAccounts(b *testing.B) {
	for _, engine := range sqldbtest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			a := benchAuth(b, sqldbtest.OpenDurable(b, engine, migrations.FS))
			for b.Loop() {
				if _, err := a.LoadAccounts(b.Context(), 1_000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchAuth(b *testing.B, db *sqldb.DB) *auth.Auth {
	b.Helper()
	st := store.New(db)
	j := journal.New(st, journal.Options{})
	go j.Run(b.Context())
	return auth.New(st, j, auth.Options{Params: auth.Params{Memory: 64, Time: 1, Threads: 1}})
}
