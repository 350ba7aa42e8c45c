package auth

import (
	"context"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// How long one-time links live.
const (
	SetupLinkLife = time.Hour // printed at start, used at once
	ResetLinkLife = 24 * time.Hour
)

// SetupLink makes the token of a link with which the first visitor becomes the owner; Conflict with
// CodeAlreadySetUp if there is one. Links made before stay good: several nodes start and each prints one.
func (a *Auth) SetupLink(ctx context.Context) (token string, err error) {
	if err := a.notSetUp(ctx); err != nil {
		return "", err
	}
	return a.newLink(ctx, store.SetupLink, 0, SetupLinkLife)
}

// ResetLink makes the token of a link with which somebody chooses a new password. Links made for them
// before are void. It asks for no principal: it is for the command line, whose user could as well write
// into the database.
func (a *Auth) ResetLink(ctx context.Context, user myna.UserID) (token string, err error) {
	if _, found, err := store.AccountByID(ctx, a.db, user); err != nil || !found {
		return "", noSuchUser(err)
	}
	return a.newLink(ctx, store.ResetLink, user, ResetLinkLife)
}

func (a *Auth) newLink(ctx context.Context, purpose store.LinkPurpose, user myna.UserID, life time.Duration) (string, error) {
	token, hash := newToken(linkPrefix)
	now := myna.TimeOf(a.now())
	link := store.Link{TokenHash: hash, Purpose: purpose, User: user, CreatedAt: now, ExpiresAt: now.Add(life)}
	return token, a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		if purpose != store.SetupLink {
			if err := store.SpendLinks(ctx, tx, purpose, user, now); err != nil {
				return err
			}
		}
		return store.InsertLink(ctx, tx, link)
	})
}

func badLink() error {
	return myna.Errorf(myna.Gone, myna.CodeLinkSpent, "this link is not complete, was used already or has expired; ask for a new one").In("token")
}
