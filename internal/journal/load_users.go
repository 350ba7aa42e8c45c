package journal

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// CreateLoadUsers makes accounts for the load generator, each with a session: no password, no places in
// the default rooms.
type CreateLoadUsers struct {
	Users    []myna.User
	Keys     []store.UserKeys
	Sessions []store.NewSession
}

func (c *CreateLoadUsers) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{myna.Directory()}, nil
}

func (c *CreateLoadUsers) apply(ctx context.Context, b *batch) error {
	people := make([]store.NewUser, len(c.Users))
	for i := range c.Users {
		c.Users[i].Rev = b.next(myna.Directory())
		people[i] = store.NewUser{User: c.Users[i], Keys: c.Keys[i], Load: true}
	}
	if err := store.InsertUsers(ctx, b.tx, people); err != nil {
		return err
	}
	for _, u := range c.Users {
		b.changed(myna.Directory(), u.Rev, u)
	}
	return store.InsertSessions(ctx, b.tx, c.Sessions...)
}
