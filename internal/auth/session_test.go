package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/wire"
)

func TestLoginAndSessions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ben := h.add("Ben")
		first := h.login("BEN", secret, auth.Device{UserAgent: "Fire\x00fox\xff\u202e 140", Address: "2001:db8::1", Kind: myna.BrowserSession})
		if first.User != ben || first.Session.UserAgent != "Firefox 140" {
			t.Errorf("signed in as %+v with %+v", first.User, first.Session)
		}
		h.pass(time.Second)
		second := h.login("ben", secret, auth.Device{Kind: myna.APISession})
		p, session, err := h.Authenticate(ctx, second.Token)
		if err != nil || session != second.Session || p != (myna.Principal{User: ben.ID, Session: second.Session.ID, Role: myna.RoleMember}) {
			t.Fatalf("Authenticate = %+v, %+v, %v", p, session, err)
		}
		if want := second.Session.CreatedAt.Add(auth.APIAbsolute); session.ExpiresAt != want {
			t.Errorf("expires at %v, want %v", session.ExpiresAt, want)
		}
		if list, err := h.Sessions(ctx, p); err != nil || len(list) != 2 || list[0] != first.Session || list[1] != second.Session {
			t.Errorf("sessions are %+v, %v", list, err)
		}

		// Somebody else's session is as good as none.
		h.add("eve")
		eve := h.principal(h.login("eve", secret, browser()).Token)
		wantCode(t, h.End(ctx, eve, first.Session.ID), myna.NotFound, myna.CodeNotFound)

		if err := h.End(ctx, p, first.Session.ID); err != nil {
			t.Fatal(err)
		}
		h.dead(first.Token)
		if code := h.code(first.Session.ID); code != wire.CloseSessionEnded {
			t.Errorf("sockets of the ended session got %d", code)
		}
		wantCode(t, h.End(ctx, p, first.Session.ID), myna.NotFound, myna.CodeNotFound)

		third := h.login("ben", secret, browser())
		if err := h.EndOthers(ctx, p); err != nil {
			t.Fatal(err)
		}
		h.dead(third.Token)
		h.principal(second.Token)
		if err := h.Logout(ctx, p); err != nil {
			t.Fatal(err)
		}
		h.dead(second.Token)
		if list, err := h.Sessions(ctx, p); err != nil || len(list) != 0 {
			t.Errorf("sessions are %+v, %v", list, err)
		}
	})
}

func TestTokensThatAreNone(t *testing.T) {
	h := onSQLite(t)
	for _, token := range []string{"", "x", "myna_s_", "myna_s_" + strings.Repeat("A", 43), "myna_l_" + strings.Repeat("A", 43), strings.Repeat("A", 1<<20)} {
		_, _, err := h.Authenticate(t.Context(), token)
		wantCode(t, err, myna.Unauthorized, myna.CodeNoSession)
	}
}

// TestWhatEndsWhat walks through what must end sessions, with a session that must end, and says what
// becomes of the one that caused it.
func TestWhatEndsWhat(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.setUp()
		for _, c := range []struct {
			name   string
			cause  func(p myna.Principal) error
			code   int
			itself bool // the session that asked ends too
		}{
			{"password change", func(p myna.Principal) error { return h.ChangePassword(ctx, p, secret, secret2) }, wire.CloseSessionEnded, false},
			{"password reset", func(p myna.Principal) error {
				token, err := h.ResetLink(ctx, p.User)
				if err != nil {
					return err
				}
				_, err = h.ResetPassword(ctx, token, secret2)
				return err
			}, wire.CloseSessionEnded, true},
			{"disabling", func(p myna.Principal) error { _, err := h.SetDisabled(ctx, p.User, true); return err }, wire.CloseDisabled, true},
			{"end all", func(p myna.Principal) error { _, err := h.Auth.EndSessions(ctx, p.User); return err }, wire.CloseSessionEnded, true},
			{"end others", func(p myna.Principal) error { return h.EndOthers(ctx, p) }, wire.CloseSessionEnded, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				name := strings.ReplaceAll(c.name, " ", "-")
				h.add(name)
				asking, other := h.login(name, secret, browser()), h.login(name, secret, browser())
				h.add("by-" + name)
				bystander := h.login("by-"+name, secret, browser())
				if err := c.cause(h.principal(asking.Token)); err != nil {
					t.Fatal(err)
				}
				h.dead(other.Token)
				if code := h.code(other.Session.ID); code != c.code {
					t.Errorf("sockets got %d, want %d", code, c.code)
				}
				if c.itself {
					h.dead(asking.Token)
				} else {
					h.principal(asking.Token)
				}
				h.principal(bystander.Token)
			})
		}
	})
}

func TestChangePassword(t *testing.T) {
	h := onSQLite(t)
	ctx := t.Context()
	h.add("ben")
	p := h.principal(h.login("ben", secret, browser()).Token)
	wantCode(t, h.ChangePassword(ctx, p, "wrong", secret2), myna.Invalid, myna.CodeWrongPassword)
	wantCode(t, h.ChangePassword(ctx, p, secret, "short"), myna.Invalid, myna.CodeTooShort)
	wantCode(t, h.ChangePassword(ctx, p, secret, secret), myna.Invalid, myna.CodeBadPassword)
	if err := h.ChangePassword(ctx, p, secret, secret2); err != nil {
		t.Fatal(err)
	}
	_, err := h.Login(ctx, "ben", secret, browser())
	wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
	h.login("ben", secret2, browser())

	// Guessing the old password from a stolen session is slowed down, and does not touch signing in.
	for range 10 {
		err = h.ChangePassword(ctx, p, "wrong", secret)
	}
	wantCode(t, err, myna.Limited, myna.CodeTooMany)
	h.login("ben", secret2, browser())
}

func TestResetLink(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ben, err := h.AddUser(ctx, auth.AddUserInput{Username: "ben"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Login(ctx, "ben", "", browser())
		wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
		first, _ := h.ResetLink(ctx, ben.ID)
		token, err := h.ResetLink(ctx, ben.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.ResetPassword(ctx, first, secret)
		wantCode(t, err, myna.Gone, myna.CodeLinkSpent) // replaced by the second
		_, err = h.ResetPassword(ctx, token, "short")
		wantCode(t, err, myna.Invalid, myna.CodeTooShort) // and the link is still good
		if user, err := h.ResetPassword(ctx, token, secret); err != nil || user != ben {
			t.Fatalf("reset for %+v, %v", user, err)
		}
		_, err = h.ResetPassword(ctx, token, secret2)
		wantCode(t, err, myna.Gone, myna.CodeLinkSpent)
		h.login("ben", secret, browser())

		late, _ := h.ResetLink(ctx, ben.ID)
		h.pass(auth.ResetLinkLife)
		_, err = h.ResetPassword(ctx, late, secret)
		wantCode(t, err, myna.Gone, myna.CodeLinkSpent)
		_, err = h.ResetLink(ctx, 12345)
		wantCode(t, err, myna.NotFound, myna.CodeNotFound)
	})
}

func TestDisabled(t *testing.T) {
	h := onSQLite(t)
	ctx := t.Context()
	owner := h.setUp()
	_, err := h.SetDisabled(ctx, owner.User.ID, true)
	wantCode(t, err, myna.Conflict, myna.CodeLastOwner)

	ben := h.add("ben")
	if user, err := h.SetDisabled(ctx, ben.ID, true); err != nil || !user.Disabled {
		t.Fatalf("%+v, %v", user, err)
	}
	_, err = h.Login(ctx, "ben", secret, browser())
	wantCode(t, err, myna.Denied, myna.CodeDisabled)
	_, err = h.Login(ctx, "ben", "wrong", browser())
	wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin) // only who knows the password is told
	if _, err := h.SetDisabled(ctx, ben.ID, false); err != nil {
		t.Fatal(err)
	}
	h.login("ben", secret, browser())
}

func TestExpiry(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   myna.SessionKind
		every  time.Duration // between two requests
		passes int           // before the session is over
	}{
		{"idle browser", myna.BrowserSession, auth.BrowserIdle, 0},
		{"idle token", myna.APISession, auth.APIIdle, 0},
		{"old browser", myna.BrowserSession, auth.BrowserIdle - time.Hour, 6},
		{"old token", myna.APISession, auth.APIIdle - time.Hour, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := onSQLite(t)
			h.add("ben")
			grant := h.login("ben", secret, auth.Device{Kind: c.kind})
			passes := 0
			for ; passes < 100; passes++ {
				h.pass(c.every)
				if _, _, err := h.Authenticate(t.Context(), grant.Token); err != nil {
					wantCode(t, err, myna.Unauthorized, myna.CodeSessionEnded)
					break
				}
				h.Tick(t.Context())
			}
			if passes != c.passes {
				t.Errorf("the session lived through %d pauses of %v, want %d", passes, c.every, c.passes)
			}
			h.Tick(t.Context())
			if code := h.code(grant.Session.ID); code != wire.CloseSessionEnded {
				t.Errorf("its sockets got %d", code)
			}
		})
	}
}

func TestOldestSessionGoes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add("ben")
		grants := make([]auth.Grant, myna.MaxSessions+1)
		for i := range grants {
			h.pass(time.Second)
			grants[i] = h.login("ben", secret, browser())
		}
		h.dead(grants[0].Token)
		if h.code(grants[0].Session.ID) != wire.CloseSessionEnded {
			t.Error("the oldest session's sockets live")
		}
		p := h.principal(grants[1].Token)
		if list, err := h.Sessions(t.Context(), p); err != nil || len(list) != myna.MaxSessions {
			t.Errorf("%d sessions, %v", len(list), err)
		}
	})
}

// TestEndedElsewhere ends sessions from another process and expects this one to hear of it at its next
// look, once.
func TestEndedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.setUp()
		ben, cat := h.add("ben"), h.add("cat")
		one, two := h.login("ben", secret, browser()), h.login("cat", secret, browser())
		staying := h.login("ben", secret, browser())

		console := newHouse(t, h.db)
		console.now.Store(h.now.Load() - 3_000) // its clock is behind
		if _, err := console.EndSession(ctx, one.Session.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := console.SetDisabled(ctx, cat.ID, true); err != nil {
			t.Fatal(err)
		}
		h.Tick(ctx)
		if a, b := h.code(one.Session.ID), h.code(two.Session.ID); a != wire.CloseSessionEnded || b != wire.CloseDisabled {
			t.Errorf("sockets got %d and %d", a, b)
		}
		if h.code(staying.Session.ID) != 0 {
			t.Error("a session that lives was ended")
		}
		h.mu.Lock()
		clear(h.ended)
		h.mu.Unlock()
		for range 50 {
			h.pass(time.Second)
			h.Tick(ctx)
		}
		if len(h.ended) != 0 {
			t.Errorf("told twice of %v", h.ended)
		}
		_ = ben
		_, err := console.EndSession(ctx, one.Session.ID)
		wantCode(t, err, myna.NotFound, myna.CodeNotFound)
	})
}

func TestLastSeen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.add("ben")
		a, b, idle := h.login("ben", secret, browser()), h.login("ben", secret, browser()), h.login("ben", secret, browser())
		h.pass(time.Hour)
		p := h.principal(a.Token)
		h.Seen(b.Session.ID) // a live connection
		h.Tick(ctx)
		list, err := h.Sessions(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			want := myna.TimeOf(h.time())
			if s.ID == idle.Session.ID {
				want = idle.Session.SeenAt
			}
			if s.SeenAt != want {
				t.Errorf("%s was seen at %v, want %v", s.ID, s.SeenAt, want)
			}
		}
	})
}

func TestUsers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, name := range []string{"dora", "张三", "ann", "Ben"} {
			h.add(name)
		}
		if _, err := h.LoadAccounts(ctx, 3); err != nil {
			t.Fatal(err)
		}
		var names []string
		for after := ""; ; {
			page, err := h.Users(ctx, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page {
				names = append(names, u.Username)
			}
			if len(page) < 2 {
				break
			}
			after = page[1].Username
		}
		if got := strings.Join(names, " "); got != "ann ben dora 张三" {
			t.Errorf("users are %s", got)
		}
		if u, err := h.FindUser(ctx, "BEN"); err != nil || u.Username != "ben" {
			t.Errorf("found %+v, %v", u, err)
		}
		for _, nobody := range []string{"zoe", "not a name", "", "\x00", "\xff"} {
			_, err := h.FindUser(ctx, nobody)
			wantCode(t, err, myna.NotFound, myna.CodeNotFound)
		}
		_, err := h.AddUser(ctx, auth.AddUserInput{Username: "here", Password: secret})
		wantCode(t, err, myna.Invalid, myna.CodeReservedName)
		boss, err := h.AddUser(ctx, auth.AddUserInput{Username: "admin", Name: "The Boss", Password: secret, Role: myna.RoleAdmin})
		if err != nil || boss.Role != myna.RoleAdmin || boss.Name != "The Boss" {
			t.Errorf("added %+v, %v", boss, err)
		}
	})
}

func TestLoadAccounts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.setUp()
		before, err := h.st.Heads(ctx, []myna.Scope{myna.Directory()})
		if err != nil {
			t.Fatal(err)
		}
		const n = 2_100
		grants, err := h.LoadAccounts(ctx, n)
		if err != nil || len(grants) != n {
			t.Fatalf("%d accounts, %v", len(grants), err)
		}
		after, err := h.st.Heads(ctx, []myna.Scope{myna.Directory()})
		if err != nil {
			t.Fatal(err)
		}
		if moved := after[myna.Directory()].Rev - before[myna.Directory()].Rev; moved != n {
			t.Errorf("the directory moved by %d", moved)
		}
		for _, grant := range []auth.Grant{grants[0], grants[n-1]} {
			p := h.principal(grant.Token)
			if !p.Load || p.User != grant.User.ID || !strings.HasPrefix(grant.User.Username, wire.LoadUserPrefix) {
				t.Errorf("%+v speaks for %+v", grant, p)
			}
			_, err := h.Login(ctx, grant.User.Username, "", browser())
			wantCode(t, err, myna.Unauthorized, myna.CodeWrongLogin)
		}
		h.pass(24 * time.Hour)
		h.dead(grants[0].Token)
		_, err = h.LoadAccounts(ctx, 1_000_000)
		wantCode(t, err, myna.Invalid, myna.CodeBadValue)
	})
}

// TestSessionOfAnOldProof signs in with a password that is changed while it is looked at: the session
// must not outlive the change.
func TestSessionOfAnOldProof(t *testing.T) {
	h := onSQLite(t)
	ben := h.add("ben")
	// The account is read, then the password changes, then the session is written with what was read.
	if err := h.j.Do(t.Context(), &journal.SetPassword{User: ben.ID, Hash: "$argon2id$none"}); err != nil {
		t.Fatal(err)
	}
	stale := h.InsertStaleSession(t, ben.ID)
	h.dead(stale)
}
