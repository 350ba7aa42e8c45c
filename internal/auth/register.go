package auth

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// firstEpoch is the auth epoch of a new account.
const firstEpoch = 1

// SetupInput makes the first owner. Token is from the printed link.
type SetupInput struct {
	Token      string
	ServerName string // "" leaves it
	Username   string
	Name       string // the username as typed if ""
	Password   string
}

// Setup makes the first owner and signs them in. The link is used up in the same transaction.
func (a *Auth) Setup(ctx context.Context, in SetupInput, d Device) (Grant, error) {
	if err := a.notSetUp(ctx); err != nil {
		return Grant{}, err
	}
	hash, ok := hashToken(linkPrefix, in.Token)
	if !ok {
		return Grant{}, badLink()
	}
	if _, err := a.store.CheckLink(ctx, hash, store.SetupLink, myna.TimeOf(a.now())); err != nil {
		return Grant{}, err
	}
	server, err := cleanName(in.ServerName, "server_name")
	if err != nil {
		return Grant{}, err
	}
	op := &journal.CreateUser{ServerName: server, Redeem: journal.Redeem{SetupLink: hash}}
	who := newcomer{in.Username, in.Name, in.Password, myna.RoleOwner, true}
	return a.join(ctx, op, who, &d)
}

// RegisterInput makes an account.
type RegisterInput struct {
	Username string
	Name     string // the username as typed if ""
	Password string
	Invite   string // the code of an invite, "" if there is none
}

// Register makes an account and signs in, as far as the server's settings allow: to anybody, to whom
// has an invite (used up in the same transaction), or to nobody.
func (a *Auth) Register(ctx context.Context, in RegisterInput, d Device) (Grant, error) {
	if err := a.addresses.take(d.Address, a.now()); err != nil { // never given back: each is an account
		return Grant{}, err
	}
	redeem, err := a.mayRegister(ctx, in.Invite)
	if err != nil {
		return Grant{}, err
	}
	who := newcomer{in.Username, in.Name, in.Password, myna.RoleMember, false}
	return a.join(ctx, &journal.CreateUser{Redeem: redeem}, who, &d)
}

func (a *Auth) mayRegister(ctx context.Context, invite string) (redeem journal.Redeem, err error) {
	settings, err := a.store.Settings(ctx)
	if err != nil {
		return redeem, err
	}
	if empty, err := a.NeedsSetup(ctx); err != nil || empty {
		if err == nil {
			err = myna.Errorf(myna.Denied, myna.CodeClosedSignup, "this server has no owner yet: use the setup link it printed")
		}
		return redeem, err
	}
	switch {
	case settings.Registration == "closed":
		return redeem, myna.Errorf(myna.Denied, myna.CodeClosedSignup, "this server takes no new accounts; ask an administrator for one")
	case invite == "" && settings.Registration != "open":
		return redeem, myna.Errorf(myna.Denied, myna.CodeInviteNeeded, "an invite is needed to register here; ask somebody who is on the server")
	case invite == "":
		return redeem, nil
	}
	hash, ok := hashToken(invitePrefix, invite)
	if !ok {
		return redeem, badInvite()
	}
	if _, _, err := a.store.CheckInvite(ctx, hash, myna.TimeOf(a.now())); err != nil {
		return redeem, err
	}
	redeem.Invite = hash
	return redeem, nil
}

// newcomer is who is to get an account.
type newcomer struct {
	username, name, password string
	role                     myna.Role
	inCharge                 bool // may have a name like "admin"
}

// join checks the input, hashes the password ("" for none) and carries out op. With a device it makes a
// session too.
func (a *Auth) join(ctx context.Context, op *journal.CreateUser, who newcomer, d *Device) (Grant, error) {
	name, err := ParseUsername(who.username)
	if err != nil {
		return Grant{}, err
	}
	if err = CheckReserved(name, who.inCharge); err != nil {
		return Grant{}, err
	}
	shown, err := displayName(who.name, who.username)
	if err != nil {
		return Grant{}, err
	}
	if who.password != "" || d != nil {
		settings, err := a.store.Settings(ctx)
		if err != nil {
			return Grant{}, err
		}
		if err = CheckPassword(who.password, name, op.ServerName, settings.Name); err != nil {
			return Grant{}, err
		}
		if op.PasswordHash, err = a.hasher.hash(ctx, who.password); err != nil {
			return Grant{}, err
		}
	}
	now := a.now()
	op.User = myna.User{
		ID: myna.UserID(myna.NewID(now)), Username: name.Text, Name: shown, Role: who.role, CreatedAt: myna.TimeOf(now),
	}
	op.Keys = name.Keys()
	var grant Grant
	if d != nil {
		token, session := a.newSession(op.User.ID, firstEpoch, *d)
		grant.Token, grant.Session, op.Session = token, session.Session, &session
	}
	if err = a.journal.Do(ctx, op); err != nil {
		return Grant{}, err
	}
	grant.User = op.User
	if d != nil {
		a.remember(ctx, op.User.ID, *d)
	}
	return grant, nil
}

// remember makes the device known to a new account. Should that fail, the device is a stranger until
// the next sign-in, which is no reason to fail now.
func (a *Auth) remember(ctx context.Context, user myna.UserID, d Device) {
	if len(d.Known) != deviceMark || d.Kind != myna.BrowserSession {
		return
	}
	err := a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		return store.KnowDevice(ctx, tx, user, hashOf(string(d.Known)), strangers(), maxDevices, myna.TimeOf(a.now()))
	})
	if err != nil {
		a.log.Warn("device could not be remembered", "user", user.String(), "error", err)
	}
}

// NeedsSetup says whether the server has no owner yet.
func (a *Auth) NeedsSetup(ctx context.Context) (bool, error) {
	owned, err := store.HasOwner(ctx, a.db)
	return !owned, err
}

// notSetUp refuses what only a server without an owner may do.
func (a *Auth) notSetUp(ctx context.Context) error {
	empty, err := a.NeedsSetup(ctx)
	if err == nil && !empty {
		err = myna.Errorf(myna.Conflict, myna.CodeAlreadySetUp, "this server has its owner already: sign in instead")
	}
	return err
}
