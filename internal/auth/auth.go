package auth

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/text"
)

// How long a session lives: idle counts from when it was last seen, absolute from signing in.
const (
	BrowserIdle     = 30 * 24 * time.Hour
	BrowserAbsolute = 180 * 24 * time.Hour
	APIIdle         = 90 * 24 * time.Hour
	APIAbsolute     = 365 * 24 * time.Hour
)

const (
	maxUserAgentRunes = 512 // the column's width; real ones have about 150
	maxAddressBytes   = 64
)

// Options of New; the zero value works.
type Options struct {
	Now          func() time.Time // time.Now if nil
	Log          *slog.Logger     // slog.Default() if nil
	Params       Params           // DefaultParams if zero
	HashingSlots int              // half of the cores, at least one, if zero
	// OnEnd is told which sessions ended, with the close code for their sockets, after the commit. It
	// is called from several goroutines, and may be told of a session twice.
	OnEnd func(ids []myna.SessionID, code int)
	// OnBlind is called once when it cannot be seen any more which sessions other processes end, and
	// again only after it could be seen in between.
	OnBlind func()
}

// Auth proves identities. Its maker runs Run as long as the server lives.
type Auth struct {
	store     *store.Store
	db        *sqldb.DB
	journal   *journal.Journal
	now       func() time.Time
	log       *slog.Logger
	onEnd     func([]myna.SessionID, int)
	onBlind   func()
	hasher    *hasher
	addresses *addressBrake
	seen      seenSessions
	ends      endFeed
	sight     sight // used by Run
}

// New makes an Auth over a migrated database.
func New(st *store.Store, j *journal.Journal, o Options) *Auth {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.OnEnd == nil {
		o.OnEnd = func([]myna.SessionID, int) {}
	}
	if o.OnBlind == nil {
		o.OnBlind = func() {}
	}
	a := &Auth{
		store: st, db: st.DB(), journal: j, now: o.Now, log: o.Log, onEnd: o.OnEnd, onBlind: o.OnBlind,
		hasher:    newHasher(o.Params, o.HashingSlots),
		addresses: newAddressBrake(),
	}
	a.ends.start(myna.TimeOf(o.Now()))
	return a
}

// Device is where somebody signs in from.
type Device struct {
	UserAgent string
	Address   string // of the client, "" on the command line
	Kind      myna.SessionKind
	// Known is the device's own mark: a long-lived random cookie of 32 bytes. After a sign-in the
	// account knows the device, and strangers who guess do not slow it down. May be nil.
	Known []byte
}

// Grant is a new session. The token is shown here and never again.
type Grant struct {
	Token   string
	User    myna.User
	Session myna.Session
}

// newSession makes a session that is not stored yet.
func (a *Auth) newSession(user myna.UserID, epoch int64, d Device) (token string, s store.NewSession) {
	now := a.now()
	token, hash := newToken(sessionPrefix)
	if d.Kind != myna.APISession {
		d.Kind = myna.BrowserSession
	}
	absolute := BrowserAbsolute
	if d.Kind == myna.APISession {
		absolute = APIAbsolute
	}
	at := myna.TimeOf(now)
	return token, store.NewSession{
		TokenHash: hash, AuthEpoch: epoch,
		Session: myna.Session{
			ID: myna.SessionID(myna.NewID(now)), User: user, Kind: d.Kind,
			UserAgent: printable(d.UserAgent, maxUserAgentRunes), Address: printable(d.Address, maxAddressBytes),
			CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(absolute),
		},
	}
}

// printable makes header text fit to be stored and shown.
func printable(s string, most int) string {
	clean := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if runes := []rune(clean); len(runes) > most {
		return string(runes[:most])
	}
	return clean
}

// displayName cleans a display name; an empty one becomes the username as it was typed.
func displayName(name, username string) (string, error) {
	if strings.TrimSpace(name) == "" {
		name = username
	}
	return cleanName(name, "name")
}

func cleanName(name, field string) (string, error) {
	clean, ok := text.Clean(name)
	switch {
	case !ok || !utf8.ValidString(name):
		return "", myna.Errorf(myna.Invalid, myna.CodeBadName, "the name has characters that cannot be shown").In(field)
	case utf8.RuneCountInString(clean) > myna.MaxNameRunes:
		return "", myna.Errorf(myna.Invalid, myna.CodeTooLong, "the name is longer than %d characters", myna.MaxNameRunes).In(field)
	}
	return clean, nil
}

// update runs a writing transaction that is finished even if the caller has gone away: half of what
// signing in notes must not depend on who is still listening.
func (a *Auth) update(ctx context.Context, fn func(ctx context.Context, tx *sqldb.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	return a.db.Update(ctx, func(tx *sqldb.Tx) error { return fn(ctx, tx) })
}
