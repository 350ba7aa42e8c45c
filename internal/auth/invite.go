package auth

import (
	"context"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

const (
	MaxInviteUses   = 1_000 // a school's year
	MaxInviteLife   = 365 * 24 * time.Hour
	maxOpenInvites  = 1_000 // they are listed on one page
	shortestInvites = time.Minute
)

// CreateInvite makes a code with which uses people may register until it expires. It is shown here and
// never again.
func (a *Auth) CreateInvite(ctx context.Context, p myna.Principal, uses int, life time.Duration) (myna.Invite, string, error) {
	switch {
	case !myna.Can(p, myna.InvitePeople, nil):
		return myna.Invite{}, "", mayNotInvite()
	case uses < 1 || uses > MaxInviteUses:
		return myna.Invite{}, "", myna.Errorf(myna.Invalid, myna.CodeBadValue, "an invite is for 1 to %d people", MaxInviteUses).In("uses")
	case life < shortestInvites || life > MaxInviteLife:
		return myna.Invite{}, "", myna.Errorf(myna.Invalid, myna.CodeBadValue, "an invite lives from a minute to a year").In("expires_in")
	}
	now := a.now()
	at := myna.TimeOf(now)
	invite := myna.Invite{
		ID: myna.InviteID(myna.NewID(now)), CreatedBy: p.User, CreatedAt: at, ExpiresAt: at.Add(life), UsesLeft: uses,
	}
	code, hash := newToken(invitePrefix)
	err := a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		open, err := store.CountInvites(ctx, tx, at)
		if err != nil {
			return err
		}
		if open >= maxOpenInvites {
			return myna.Errorf(myna.Conflict, myna.CodeConflict, "there are %d open invites; revoke some first", open)
		}
		return store.InsertInvite(ctx, tx, invite, hash)
	})
	if err != nil {
		return myna.Invite{}, "", err
	}
	return invite, code, nil
}

// Invites lists those that can still be used, the oldest first.
func (a *Auth) Invites(ctx context.Context, p myna.Principal) ([]myna.Invite, error) {
	if !myna.Can(p, myna.InvitePeople, nil) {
		return nil, mayNotInvite()
	}
	return a.store.Invites(ctx, myna.TimeOf(a.now()))
}

// RevokeInvite makes an invite useless.
func (a *Auth) RevokeInvite(ctx context.Context, p myna.Principal, id myna.InviteID) error {
	if !myna.Can(p, myna.InvitePeople, nil) {
		return mayNotInvite()
	}
	return a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		return store.RevokeInvite(ctx, tx, id, myna.TimeOf(a.now()))
	})
}

// InviteInfo tells the holder of a code what it is good for, and the display name of who made it.
func (a *Auth) InviteInfo(ctx context.Context, code string) (myna.Invite, string, error) {
	hash, ok := hashToken(invitePrefix, code)
	if !ok {
		return myna.Invite{}, "", badInvite()
	}
	return a.store.CheckInvite(ctx, hash, myna.TimeOf(a.now()))
}

func badInvite() error {
	return myna.Errorf(myna.Gone, myna.CodeInviteSpent, "this invite is not complete, was used up, revoked or has expired; ask for a new one").In("invite")
}

func mayNotInvite() error {
	return myna.Errorf(myna.Denied, myna.CodeDenied, "only administrators may invite people")
}
