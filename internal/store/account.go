package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// Account is a person as signing in sees them.
type Account struct {
	User      myna.User
	AuthEpoch int64 // moves when all sessions must end
	Load      bool  // made by the load generator
	Hash      string
}

const accountColumns = `u.id, u.username, u.name, u.role, u.disabled, u.created_at, u.rev, u.auth_epoch, u.is_load,
	COALESCE(p.hash, '')`

const accountTables = " FROM users u LEFT JOIN passwords p ON p.user_id=u.id"

func scanAccount(scan scanFunc) (a Account, err error) {
	u := &a.User
	err = scan(&u.ID, &u.Username, &u.Name, &u.Role, &u.Disabled, &u.CreatedAt, &u.Rev, &a.AuthEpoch, &a.Load, &a.Hash)
	return a, err
}

const (
	accountByKey = "SELECT " + accountColumns + accountTables + " WHERE u.username_key=?"
	accountByID  = "SELECT " + accountColumns + accountTables + " WHERE u.id=?"
	accounts     = "SELECT " + accountColumns + accountTables + " WHERE u.username_key>? AND u.is_load=0 ORDER BY u.username_key LIMIT ?"
)

// AccountByKey finds an account by the case-folded key of its username.
func AccountByKey(ctx context.Context, q sqldb.Queryer, key string) (Account, bool, error) {
	a, found, err := one(ctx, q, accountByKey, []any{key}, scanAccount)
	if err != nil {
		return a, false, fmt.Errorf("find account: %w", err)
	}
	return a, found, nil
}

// AccountByID finds an account.
func AccountByID(ctx context.Context, q sqldb.Queryer, id myna.UserID) (Account, bool, error) {
	a, found, err := one(ctx, q, accountByID, []any{int64(id)}, scanAccount)
	if err != nil {
		return a, false, fmt.Errorf("find account %s: %w", id, err)
	}
	return a, found, nil
}

// Accounts lists accounts in the order of their keys, a page that begins after the given key, without
// those of the load generator.
func (s *Store) Accounts(ctx context.Context, after string, limit int) ([]Account, error) {
	list, err := list(ctx, s.db, accounts, []any{after, limit}, scanAccount)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return list, nil
}

const hasOwner = "SELECT COUNT(*) FROM users WHERE role=?"

// HasOwner says whether the server was set up.
func HasOwner(ctx context.Context, q sqldb.Queryer) (bool, error) {
	var n int
	if err := q.QueryRow(ctx, hasOwner, int64(myna.RoleOwner)).Scan(&n); err != nil {
		return false, fmt.Errorf("look for an owner: %w", err)
	}
	return n > 0, nil
}

const epochOf = "SELECT auth_epoch FROM users WHERE id=?"

// AuthEpoch is where a person's auth epoch stands; sessions of another epoch are void.
func AuthEpoch(ctx context.Context, q sqldb.Queryer, user myna.UserID) (epoch int64, err error) {
	if err = q.QueryRow(ctx, epochOf, int64(user)).Scan(&epoch); err != nil {
		return 0, fmt.Errorf("read auth epoch of %s: %w", user, err)
	}
	return epoch, nil
}

// Census is how many people there are, for the doctor.
type Census struct {
	People, Owners, Load int
	Newest               myna.Time // when the newest account was made, 0 if there is none
}

const census = `SELECT COUNT(*), COALESCE(SUM(CASE WHEN role=30 THEN 1 ELSE 0 END), 0),
	COALESCE(SUM(is_load), 0), COALESCE(MAX(CASE WHEN is_load=0 THEN created_at ELSE 0 END), 0) FROM users`

// Census counts everybody. It reads the whole table.
func (s *Store) Census(ctx context.Context) (c Census, err error) {
	if err = s.db.QueryRow(ctx, census).Scan(&c.People, &c.Owners, &c.Load, &c.Newest); err != nil {
		return Census{}, fmt.Errorf("count people: %w", err)
	}
	c.People -= c.Load
	return c, nil
}
