package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/store"
)

const (
	maxLoadAccounts = 20_000           // a call; as many as a room may hold
	loadBatch       = 1_000            // accounts a transaction: others get a turn in between
	loadSession     = 24 * time.Hour   // long enough for any run
	loadAgent       = "load generator" // shown as the device
)

// LoadAccounts makes n accounts for the load generator, each with a session and without a password. It is
// reached only through the bulk route of a server that was started with --allow-load-test. The names go
// on from call to call: "load-" and the account's id.
func (a *Auth) LoadAccounts(ctx context.Context, n int) ([]Grant, error) {
	if n < 1 || n > maxLoadAccounts {
		return nil, myna.Errorf(myna.Invalid, myna.CodeBadValue, "the number of accounts must be 1 to %d", maxLoadAccounts)
	}
	grants := make([]Grant, 0, n)
	for len(grants) < n {
		batch := a.loadBatch(len(grants), min(n-len(grants), loadBatch))
		op := &journal.CreateLoadUsers{}
		for _, made := range batch {
			key := made.grant.User.Username
			op.Users = append(op.Users, made.grant.User)
			// The skeleton is the name itself: computed, a 1 and an l in two ids could be taken for each other.
			op.Keys = append(op.Keys, store.UserKeys{Key: key, Skeleton: key})
			op.Sessions = append(op.Sessions, made.session)
		}
		if err := a.journal.Do(ctx, op); err != nil {
			return nil, fmt.Errorf("make load accounts: %w", err)
		}
		for i, made := range batch {
			made.grant.User = op.Users[i]
			grants = append(grants, made.grant)
		}
	}
	return grants, nil
}

type loadAccount struct {
	grant   Grant
	session store.NewSession
}

// loadBatch prepares n accounts. done is how many were made before: each gets a millisecond of its own,
// as the 22 random bits of an id are few for thousands at the same moment.
func (a *Auth) loadBatch(done, n int) []loadAccount {
	now := a.now()
	made := make([]loadAccount, n)
	for i := range made {
		id := myna.NewID(now.Add(time.Duration(done+i) * time.Millisecond))
		user := myna.User{
			ID: myna.UserID(id), Username: fmt.Sprintf("%s%d", loadPrefix, id), Role: myna.RoleMember,
			CreatedAt: myna.TimeOf(now),
		}
		user.Name = user.Username
		token, session := a.newSession(user.ID, firstEpoch, Device{UserAgent: loadAgent, Kind: myna.APISession})
		session.Session.ID = myna.SessionID(id) // ids are of their kind: this one is as unique as the user's
		session.Session.ExpiresAt = session.Session.CreatedAt.Add(loadSession)
		made[i] = loadAccount{Grant{Token: token, User: user, Session: session.Session}, session}
	}
	return made
}
