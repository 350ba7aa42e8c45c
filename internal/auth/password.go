package auth

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/wire"
)

// ChangePassword sets a new password for the asker, who proves the old one, and ends all their other
// sessions. Wrong old passwords are slowed down as failed sign-ins are, on a counter of their own.
func (a *Auth) ChangePassword(ctx context.Context, p myna.Principal, old, password string) error {
	account, found, err := store.AccountByID(ctx, a.db, p.User)
	if err != nil || !found {
		return noSuchUser(err)
	}
	if err = a.checkNew(ctx, account, password); err != nil {
		return err
	}
	c := counter{p.User, passwordChange()}
	if len(old) > myna.MaxPasswordBytes {
		return wrongPassword()
	}
	_, err = a.prove(ctx, c, old, account.Hash)
	if e := myna.AsError(err); err != nil && e.Code == myna.CodeWrongLogin {
		return wrongPassword()
	}
	if err != nil {
		return err
	}
	if old == password {
		return badPassword(myna.CodeBadPassword, "the new password is the old one")
	}
	if err = a.clear(ctx, c); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.setPassword(ctx, &journal.SetPassword{User: p.User, Hash: hash, Keep: p.Session})
}

// ResetPassword sets a new password with a one-time link and ends all sessions. The link is used up in
// the same transaction.
func (a *Auth) ResetPassword(ctx context.Context, token, password string) (myna.User, error) {
	hash, ok := hashToken(linkPrefix, token)
	if !ok {
		return myna.User{}, badLink()
	}
	user, err := a.store.CheckLink(ctx, hash, store.ResetLink, myna.TimeOf(a.now()))
	if err != nil {
		return myna.User{}, err
	}
	account, found, err := store.AccountByID(ctx, a.db, user)
	if err != nil || !found {
		return myna.User{}, noSuchUser(err)
	}
	if err = a.checkNew(ctx, account, password); err != nil {
		return myna.User{}, err
	}
	op := &journal.SetPassword{User: user, Reset: hash}
	if op.Hash, err = a.hasher.hash(ctx, password); err != nil {
		return myna.User{}, err
	}
	if err = a.setPassword(ctx, op); err != nil {
		return myna.User{}, err
	}
	// Who was locked out by strangers' guesses gets in now.
	return account.User, a.clear(ctx, counter{user, strangers()})
}

func (a *Auth) setPassword(ctx context.Context, op *journal.SetPassword) error {
	if err := a.journal.Do(ctx, op); err != nil {
		return err
	}
	a.ended(op.Ended, wire.CloseSessionEnded)
	return nil
}

// checkNew holds a new password against the rules.
func (a *Auth) checkNew(ctx context.Context, account store.Account, password string) error {
	name, err := ParseUsername(account.User.Username)
	if err != nil { // an imported name may be of another kind
		name = Username{Text: account.User.Username}
	}
	settings, err := a.store.Settings(ctx)
	if err != nil {
		return err
	}
	return CheckPassword(password, name, settings.Name)
}

func (a *Auth) clear(ctx context.Context, c counter) error {
	return a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		return store.SetFailures(ctx, tx, c.account, c.device, store.Failures{})
	})
}

func wrongPassword() error {
	return myna.Errorf(myna.Invalid, myna.CodeWrongPassword, "the old password is wrong").In("old")
}

func noSuchUser(err error) error {
	if err != nil {
		return err
	}
	return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such person")
}
