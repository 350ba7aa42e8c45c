package auth

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/wire"
)

// Sessions lists the asker's devices, the oldest first.
func (a *Auth) Sessions(ctx context.Context, p myna.Principal) ([]myna.Session, error) {
	return store.SessionsOf(ctx, a.db, p.User, myna.TimeOf(a.now()))
}

// Logout ends the session that asks.
func (a *Auth) Logout(ctx context.Context, p myna.Principal) error {
	return a.End(ctx, p, p.Session)
}

// End ends one of the asker's own sessions; NotFound if it is not theirs or has ended.
func (a *Auth) End(ctx context.Context, p myna.Principal, id myna.SessionID) error {
	var ended bool
	err := a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		ended, err = store.EndSession(ctx, tx, p.User, id, myna.TimeOf(a.now()))
		return err
	})
	if err != nil {
		return err
	}
	if !ended {
		return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such session of yours, or it has ended")
	}
	a.ended([]myna.SessionID{id}, wire.CloseSessionEnded)
	return nil
}

// EndOthers ends all sessions of the asker but the one that asks.
func (a *Auth) EndOthers(ctx context.Context, p myna.Principal) error {
	_, err := a.endAll(ctx, p.User, p.Session)
	return err
}

func (a *Auth) endAll(ctx context.Context, user myna.UserID, except myna.SessionID) (ended []myna.SessionID, err error) {
	err = a.update(ctx, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		ended, err = store.EndSessions(ctx, tx, user, except, myna.TimeOf(a.now()))
		return err
	})
	if err != nil {
		return nil, err
	}
	a.ended(ended, wire.CloseSessionEnded)
	return ended, nil
}
