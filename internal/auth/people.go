package auth

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/wire"
)

// What stands here asks for no principal: it is for the command line, whose user could as well write
// into the database.

// AddUserInput makes an account from the command line.
type AddUserInput struct {
	Username string
	Name     string    // the username as typed if ""
	Password string    // "" for none: a reset link sets the first one
	Role     myna.Role // RoleMember if zero
}

// AddUser makes an account whatever the registration setting is.
func (a *Auth) AddUser(ctx context.Context, in AddUserInput) (myna.User, error) {
	if in.Role == 0 {
		in.Role = myna.RoleMember
	}
	who := newcomer{in.Username, in.Name, in.Password, in.Role, true}
	grant, err := a.join(ctx, &journal.CreateUser{}, who, nil)
	return grant.User, err
}

// FindUser finds somebody by username, in any case; NotFound if there is nobody.
func (a *Auth) FindUser(ctx context.Context, username string) (myna.User, error) {
	account, found, err := store.AccountByKey(ctx, a.db, loginKey(username))
	if err == nil && !found {
		err = myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is nobody with the username %q", username)
	}
	return account.User, err
}

// Users lists people in the order of their usernames, a page that begins after the given one ("" for the
// first). Accounts of the load generator are left out.
func (a *Auth) Users(ctx context.Context, after string, limit int) ([]myna.User, error) {
	key := ""
	if after != "" {
		key = loginKey(after)
	}
	accounts, err := a.store.Accounts(ctx, key, limit)
	if err != nil {
		return nil, err
	}
	users := make([]myna.User, len(accounts))
	for i, account := range accounts {
		users[i] = account.User
	}
	return users, nil
}

// SetDisabled shuts somebody out and ends all their sessions, or lets them in again.
func (a *Auth) SetDisabled(ctx context.Context, user myna.UserID, disabled bool) (myna.User, error) {
	op := &journal.SetDisabled{User: user, Disabled: disabled}
	if err := a.journal.Do(ctx, op); err != nil {
		return myna.User{}, err
	}
	a.ended(op.Ended, wire.CloseDisabled)
	return op.Updated, nil
}

// SessionsOf lists the sessions of somebody that have not ended, the oldest first.
func (a *Auth) SessionsOf(ctx context.Context, user myna.UserID) ([]myna.Session, error) {
	return a.Sessions(ctx, myna.Principal{User: user})
}

// EndSession ends one session of anybody; NotFound if there is none or it has ended.
func (a *Auth) EndSession(ctx context.Context, id myna.SessionID) (myna.Session, error) {
	session, found, err := a.store.SessionByID(ctx, id)
	if err == nil && !found {
		err = myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no session %s", id)
	}
	if err != nil {
		return myna.Session{}, err
	}
	return session, a.End(ctx, myna.Principal{User: session.User}, id)
}

// EndSessions ends all sessions of somebody and says how many there were.
func (a *Auth) EndSessions(ctx context.Context, user myna.UserID) (int, error) {
	ended, err := a.endAll(ctx, user, 0)
	return len(ended), err
}
