package auth_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

const (
	secret  = "correct horse battery staple"
	secret2 = "purple lamps over quiet rivers"
)

// house is a server's half that knows people, over a real database.
type house struct {
	*auth.Auth
	t   *testing.T
	db  *sqldb.DB
	st  *store.Store
	j   *journal.Journal
	log *bytes.Buffer
	now atomic.Int64 // milliseconds

	mu    sync.Mutex // guards ended
	ended map[myna.SessionID]int
	blind int // how often OnBlind was called
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) { fn(t, newHouse(t, db)) })
}

func onSQLite(t *testing.T) *house {
	t.Helper()
	return newHouse(t, sqldbtest.Open(t, sqldb.SQLite, migrations.FS))
}

// newHouse makes a house over a migrated database. Two of them over one database are two processes.
func newHouse(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	h := &house{t: t, db: db, st: store.New(db), log: &bytes.Buffer{}, ended: map[myna.SessionID]int{}}
	h.now.Store(time.Now().UnixMilli())
	h.j = journal.New(h.st, journal.Options{Now: h.time})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { h.j.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	h.Auth = auth.New(h.st, h.j, auth.Options{
		Now: h.time, Params: auth.Params{Memory: 64, Time: 1, Threads: 1}, HashingSlots: 2,
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
		OnEnd: func(ids []myna.SessionID, code int) {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, id := range ids {
				h.ended[id] = code
			}
		},
		OnBlind: func() { h.blind++ },
	})
	return h
}

func (h *house) time() time.Time { return time.UnixMilli(h.now.Load()) }

func (h *house) pass(d time.Duration) { h.now.Add(d.Milliseconds()) }

// code is the close code a session's sockets were given, 0 if it lives.
func (h *house) code(id myna.SessionID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended[id]
}

func browser() auth.Device {
	return auth.Device{UserAgent: "Firefox", Address: "192.0.2.1", Kind: myna.BrowserSession}
}

func marked(mark byte) auth.Device {
	d := browser()
	d.Known = bytes.Repeat([]byte{mark}, 32)
	return d
}

// setUp makes the owner.
func (h *house) setUp() auth.Grant {
	h.t.Helper()
	token, err := h.SetupLink(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	grant, err := h.Setup(h.t.Context(), auth.SetupInput{
		Token: token, ServerName: "Test", Username: "Olga", Password: secret,
	}, browser())
	if err != nil {
		h.t.Fatal(err)
	}
	return grant
}

// add makes a member with the password secret.
func (h *house) add(username string) myna.User {
	h.t.Helper()
	user, err := h.AddUser(h.t.Context(), auth.AddUserInput{Username: username, Password: secret})
	if err != nil {
		h.t.Fatal(err)
	}
	return user
}

func (h *house) login(username, password string, d auth.Device) auth.Grant {
	h.t.Helper()
	grant, err := h.Login(h.t.Context(), username, password, d)
	if err != nil {
		h.t.Fatalf("login as %s: %v", username, err)
	}
	return grant
}

// principal is who a token speaks for; the test fails if it is nobody.
func (h *house) principal(token string) myna.Principal {
	h.t.Helper()
	p, _, err := h.Authenticate(h.t.Context(), token)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) dead(token string) {
	h.t.Helper()
	_, _, err := h.Authenticate(h.t.Context(), token)
	wantCode(h.t, err, myna.Unauthorized, myna.CodeSessionEnded)
}

func wantCode(t *testing.T, err error, kind myna.Kind, code string) {
	t.Helper()
	if e := myna.AsError(err); err == nil || e.Kind != kind || e.Code != code {
		t.Fatalf("error is %v (%+v), want code %s", err, e, code)
	}
}

func TestSetup(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		other, err := h.SetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Register(ctx, auth.RegisterInput{Username: "early", Password: secret}, browser())
		wantCode(t, err, myna.Denied, myna.CodeClosedSignup)

		owner := h.setUp()
		if owner.User.Role != myna.RoleOwner || owner.User.Username != "olga" || owner.User.Name != "Olga" {
			t.Errorf("the owner is %+v", owner.User)
		}
		if p := h.principal(owner.Token); p.Role != myna.RoleOwner || p.User != owner.User.ID || p.Session != owner.Session.ID {
			t.Errorf("the owner's token speaks for %+v", p)
		}
		if s, err := h.st.Settings(ctx); err != nil || s.Name != "Test" {
			t.Errorf("settings are %+v, %v", s, err)
		}
		_, err = h.SetupLink(ctx)
		wantCode(t, err, myna.Conflict, myna.CodeAlreadySetUp)
		_, err = h.Setup(ctx, auth.SetupInput{Token: other, Username: "second", Password: secret}, browser())
		wantCode(t, err, myna.Conflict, myna.CodeAlreadySetUp)
	})
}

func TestSetupLinkExpires(t *testing.T) {
	h := onSQLite(t)
	token, err := h.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.pass(auth.SetupLinkLife)
	in := auth.SetupInput{Token: token, Username: "olga", Password: secret}
	_, err = h.Setup(t.Context(), in, browser())
	wantCode(t, err, myna.Gone, myna.CodeLinkSpent)
	in.Token = "myna_l_wrong"
	_, err = h.Setup(t.Context(), in, browser())
	wantCode(t, err, myna.Gone, myna.CodeLinkSpent)
}

// TestSetupRace lets several visitors, each with a link of their own, become the first owner at once.
func TestSetupRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := newHouse(t, h.db) // another node, with a journal of its own
		const visitors = 6
		var owners atomic.Int64
		var running sync.WaitGroup
		var tokens [visitors]string
		for i := range tokens {
			token, err := h.SetupLink(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tokens[i] = token
		}
		for i, token := range tokens {
			from := []*house{h, other}[i%2]
			running.Go(func() {
				_, err := from.Setup(t.Context(), auth.SetupInput{
					Token: token, Username: string(rune('p'+i)) + "erson", Password: secret,
				}, browser())
				if err == nil {
					owners.Add(1)
				} else if k := myna.KindOf(err); k != myna.Gone && k != myna.Conflict {
					t.Errorf("visitor %d: %v", i, err)
				}
			})
		}
		running.Wait()
		if owners.Load() != 1 {
			t.Errorf("%d visitors became the owner", owners.Load())
		}
	})
}

func TestRegistrationModes(t *testing.T) {
	h := onSQLite(t)
	owner := h.principal(h.setUp().Token)
	_, code, err := h.CreateInvite(t.Context(), owner, 100, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range []struct {
		mode, invite string
		kind         myna.Kind
		code         string
	}{
		{"open", "", 0, ""},
		{"open", code, 0, ""},
		{"open", "wrong", myna.Gone, myna.CodeInviteSpent},
		{"invite", "", myna.Denied, myna.CodeInviteNeeded},
		{"invite", code, 0, ""},
		{"invite", "myna_i_wrong", myna.Gone, myna.CodeInviteSpent},
		{"closed", "", myna.Denied, myna.CodeClosedSignup},
		{"closed", code, myna.Denied, myna.CodeClosedSignup},
	} {
		mode := c.mode
		if err := h.j.Do(t.Context(), &journal.UpdateSettings{Principal: owner, Registration: &mode}); err != nil {
			t.Fatal(err)
		}
		n++
		grant, err := h.Register(t.Context(), auth.RegisterInput{
			Username: "guest-" + string(rune('a'+n)), Password: secret, Invite: c.invite,
		}, browser())
		if c.code != "" {
			wantCode(t, err, c.kind, c.code)
			continue
		}
		if err != nil {
			t.Fatalf("%s with %q: %v", c.mode, c.invite, err)
		}
		if p := h.principal(grant.Token); p.Role != myna.RoleMember {
			t.Errorf("who registered is %+v", p)
		}
	}
}

func TestRegisterRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		owner := h.principal(h.setUp().Token)
		open := "open"
		if err := h.j.Do(t.Context(), &journal.UpdateSettings{Principal: owner, Registration: &open}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			in   auth.RegisterInput
			kind myna.Kind
			code string
		}{
			{auth.RegisterInput{Username: "OLGA", Password: secret}, myna.Conflict, myna.CodeNameTaken},
			{auth.RegisterInput{Username: "о1ga", Password: secret}, myna.Conflict, myna.CodeNameConfusable},
			{auth.RegisterInput{Username: "admin", Password: secret}, myna.Invalid, myna.CodeReservedName},
			{auth.RegisterInput{Username: "load-1", Password: secret}, myna.Invalid, myna.CodeReservedName},
			{auth.RegisterInput{Username: "a b", Password: secret}, myna.Invalid, myna.CodeBadUsername},
			{auth.RegisterInput{Username: "ben", Password: "short"}, myna.Invalid, myna.CodeTooShort},
			{auth.RegisterInput{Username: "ben", Password: ""}, myna.Invalid, myna.CodeTooShort},
			{auth.RegisterInput{Username: "ben", Password: "passwordpassword"}, myna.Invalid, myna.CodeCommonPassword},
			{auth.RegisterInput{Username: "ben", Password: secret, Name: "x\u202ey"}, myna.Invalid, myna.CodeBadName},
		} {
			_, err := h.Register(t.Context(), c.in, browser())
			wantCode(t, err, c.kind, c.code)
		}
		// What was refused left nothing behind.
		if _, err := h.Register(t.Context(), auth.RegisterInput{Username: "ben", Password: secret}, browser()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestOneInviteManyGuests lets many redeem an invite for two at once, through two nodes.
func TestOneInviteManyGuests(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		owner := h.principal(h.setUp().Token)
		invite, code, err := h.CreateInvite(t.Context(), owner, 2, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		other := newHouse(t, h.db)
		var in atomic.Int64
		var running sync.WaitGroup
		for i := range 8 {
			from := []*house{h, other}[i%2]
			running.Go(func() {
				_, err := from.Register(t.Context(), auth.RegisterInput{
					Username: "guest-" + string(rune('a'+i)), Password: secret, Invite: code,
				}, browser())
				if err == nil {
					in.Add(1)
				} else if e := myna.AsError(err); e.Code != myna.CodeInviteSpent {
					t.Errorf("guest %d: %v", i, err)
				}
			})
		}
		running.Wait()
		if in.Load() != 2 {
			t.Errorf("%d guests came in on an invite for 2", in.Load())
		}
		if open, err := h.Invites(t.Context(), owner); err != nil || len(open) != 0 {
			t.Errorf("open invites %v, %v; %s was used up", open, err, invite.ID)
		}
	})
}

func TestInvites(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		owner := h.principal(h.setUp().Token)
		h.add("ben")
		ben := h.principal(h.login("ben", secret, browser()).Token)
		_, _, err := h.CreateInvite(ctx, ben, 1, time.Hour)
		wantCode(t, err, myna.Denied, myna.CodeDenied)
		_, err = h.Invites(ctx, ben)
		wantCode(t, err, myna.Denied, myna.CodeDenied)
		_, _, err = h.CreateInvite(ctx, owner, auth.MaxInviteUses+1, time.Hour)
		wantCode(t, err, myna.Invalid, myna.CodeBadValue)
		_, _, err = h.CreateInvite(ctx, owner, 1, auth.MaxInviteLife+time.Hour)
		wantCode(t, err, myna.Invalid, myna.CodeBadValue)

		invite, code, err := h.CreateInvite(ctx, owner, 3, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		got, inviter, err := h.InviteInfo(ctx, code)
		if err != nil || got != invite || inviter != "Olga" {
			t.Errorf("the invite is %+v by %q (%v), want %+v by Olga", got, inviter, err, invite)
		}
		if list, err := h.Invites(ctx, owner); err != nil || !slices.Equal(list, []myna.Invite{invite}) {
			t.Errorf("the list is %+v, %v", list, err)
		}
		wantCode(t, h.RevokeInvite(ctx, ben, invite.ID), myna.Denied, myna.CodeDenied)
		if err := h.RevokeInvite(ctx, owner, invite.ID); err != nil {
			t.Fatal(err)
		}
		wantCode(t, h.RevokeInvite(ctx, owner, invite.ID), myna.NotFound, myna.CodeNotFound)
		_, _, err = h.InviteInfo(ctx, code)
		wantCode(t, err, myna.Gone, myna.CodeInviteSpent)

		_, code, err = h.CreateInvite(ctx, owner, 1, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(time.Hour)
		_, _, err = h.InviteInfo(ctx, code)
		wantCode(t, err, myna.Gone, myna.CodeInviteSpent)
	})
}
