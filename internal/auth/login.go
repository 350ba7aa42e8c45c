package auth

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/wire"
)

// Login starts a session. An unknown name and a wrong password get the same answer (Unauthorized,
// CodeWrongLogin) after the same work; too many failures get Limited. That an account is disabled is
// told only to who knows its password.
func (a *Auth) Login(ctx context.Context, username, password string, d Device) (Grant, error) {
	if len(username) > myna.MaxUsernameBytes || len(password) > myna.MaxPasswordBytes {
		return Grant{}, wrongLogin()
	}
	if err := a.addresses.take(d.Address, a.now()); err != nil {
		return Grant{}, err
	}
	key := loginKey(username)
	account, found, err := store.AccountByKey(ctx, a.db, key)
	if err != nil {
		return Grant{}, err
	}
	who := account.User.ID
	if !found {
		who = nobody(key)
	}
	c, err := a.counterFor(ctx, who, d)
	if err != nil {
		return Grant{}, err
	}
	better, err := a.prove(ctx, c, password, account.Hash)
	if err != nil {
		return Grant{}, err
	}
	a.addresses.giveBack(d.Address)
	if account.User.Disabled {
		return Grant{}, myna.Errorf(myna.Denied, myna.CodeDisabled, "this account is disabled; ask an administrator")
	}
	return a.signIn(ctx, account, c, better, d)
}

// loginKey is the key of a name as typed; of one that cannot be a username, a key nobody can have.
func loginKey(typed string) string {
	if name, err := ParseUsername(typed); err == nil {
		return name.Key
	}
	return " " + hex.EncodeToString(hashOf(typed))
}

// prove checks a password against a hash ("" for none) and counts a failure. better is the hash to store
// instead, if any. The error is Unauthorized with CodeWrongLogin if the password is wrong.
func (a *Auth) prove(ctx context.Context, c counter, password, hash string) (better string, err error) {
	if err := a.attempt(ctx, c); err != nil {
		return "", err
	}
	ok, better, err := a.hasher.check(ctx, password, hash)
	if err != nil {
		a.forgive(ctx, c)
		return "", err
	}
	if !ok {
		return "", wrongLogin()
	}
	return better, nil
}

// signIn writes the session, and what else a proved password brings with it.
func (a *Auth) signIn(ctx context.Context, account store.Account, c counter, better string, d Device) (Grant, error) {
	user := account.User
	token, session := a.newSession(user.ID, account.AuthEpoch, d)
	var ended []myna.SessionID
	err := a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		if err = a.succeed(ctx, tx, c, d); err != nil {
			return err
		}
		if better != "" {
			if err = store.Rehash(ctx, tx, user.ID, account.Hash, better); err != nil {
				return err
			}
		}
		ended, err = store.EndOldest(ctx, tx, user.ID, myna.MaxSessions-1, session.Session.CreatedAt)
		if err != nil {
			return err
		}
		return store.InsertSessions(ctx, tx, session)
	})
	if err != nil {
		return Grant{}, err
	}
	a.ended(ended, wire.CloseSessionEnded)
	return Grant{Token: token, User: user, Session: session.Session}, nil
}

// Authenticate finds who a token speaks for. The error is of kind Unauthorized: CodeNoSession if the
// token is none, CodeSessionEnded if it was one. It is on the path of every request: one prepared query.
func (a *Auth) Authenticate(ctx context.Context, token string) (myna.Principal, myna.Session, error) {
	hash, ok := hashToken(sessionPrefix, token)
	if !ok {
		return myna.Principal{}, myna.Session{}, noSession()
	}
	proof, found, err := a.store.Proof(ctx, hash)
	if err != nil {
		return myna.Principal{}, myna.Session{}, err
	}
	if !found {
		return myna.Principal{}, myna.Session{}, noSession()
	}
	s := proof.Session
	if proof.Disabled || !proof.Current || over(s, myna.TimeOf(a.now())) {
		return myna.Principal{}, myna.Session{}, myna.Errorf(myna.Unauthorized, myna.CodeSessionEnded, "this session has ended; sign in again")
	}
	a.seen.note(s.ID)
	return myna.Principal{User: s.User, Session: s.ID, Role: proof.Role, Load: proof.Load}, s, nil
}

// over says whether a session has ended by now, whoever or whatever ended it.
func over(s myna.Session, now myna.Time) bool {
	return s.RevokedAt != 0 || s.ExpiresAt <= now || s.SeenAt.Add(idleOf(s.Kind)) <= now
}

func idleOf(kind myna.SessionKind) time.Duration {
	if kind == myna.BrowserSession {
		return BrowserIdle
	}
	return APIIdle
}

func wrongLogin() error {
	return myna.Errorf(myna.Unauthorized, myna.CodeWrongLogin, "the username or the password is wrong")
}

func noSession() error {
	return myna.Errorf(myna.Unauthorized, myna.CodeNoSession, "sign in first")
}
