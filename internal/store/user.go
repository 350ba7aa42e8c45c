package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const userColumns = "u.id, u.username, u.name, u.role, u.disabled, u.created_at, u.rev"

func userFields(u *myna.User) []any {
	return []any{&u.ID, &u.Username, &u.Name, &u.Role, &u.Disabled, &u.CreatedAt, &u.Rev}
}

func scanUser(scan scanFunc) (u myna.User, err error) {
	err = scan(userFields(&u)...)
	return u, err
}

const (
	userByID  = "SELECT " + userColumns + " FROM users u WHERE u.id=?"
	userByKey = "SELECT " + userColumns + " FROM users u WHERE u.username_key=?"
)

// UserByID reads a profile; found is false if there is none.
func UserByID(ctx context.Context, q sqldb.Queryer, id myna.UserID) (myna.User, bool, error) {
	return one(ctx, q, userByID, []any{int64(id)}, scanUser)
}

// UserByKey finds somebody by the case-folded username.
func UserByKey(ctx context.Context, q sqldb.Queryer, key string) (myna.User, bool, error) {
	return one(ctx, q, userByKey, []any{key}, scanUser)
}

// User reads a profile; NotFound if there is none.
func (s *Store) User(ctx context.Context, id myna.UserID) (myna.User, error) {
	u, found, err := UserByID(ctx, s.db, id)
	if err == nil && !found {
		err = myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such person")
	}
	return u, err
}

// UserKeys are the forms of a username that must be unique.
type UserKeys struct {
	Key      string // case-folded
	Skeleton string // look-alike characters replaced
}

const (
	skeletonTaken = "SELECT u.username_key FROM users u WHERE u.username_skeleton=?"
	insertUsers   = "INSERT INTO users (id, username, username_key, username_skeleton, name, role, disabled, is_load, auth_epoch, created_at, rev)"
)

// KeyOfSkeleton finds the username key that has this skeleton already, "" if none.
func KeyOfSkeleton(ctx context.Context, q sqldb.Queryer, skeleton string) (string, error) {
	key, _, err := one(ctx, q, skeletonTaken, []any{skeleton}, func(scan scanFunc) (key string, err error) {
		err = scan(&key)
		return key, err
	})
	return key, err
}

// NewUser is a person to be added.
type NewUser struct {
	User myna.User
	Keys UserKeys
	Load bool // made by the load generator
}

// InsertUsers adds people.
func InsertUsers(ctx context.Context, tx *sqldb.Tx, users []NewUser) error {
	rows := make([][]any, len(users))
	for i, n := range users {
		u := n.User
		rows[i] = []any{
			int64(u.ID), u.Username, n.Keys.Key, n.Keys.Skeleton, u.Name, int64(u.Role), flag(u.Disabled),
			flag(n.Load), int64(1), int64(u.CreatedAt), u.Rev,
		}
	}
	if err := insertMany(ctx, tx, insertUsers, 11, "", rows); err != nil {
		return fmt.Errorf("insert %d users: %w", len(users), err)
	}
	return nil
}

const updateUser = "UPDATE users SET name=?, role=?, disabled=?, rev=? WHERE id=?"

// UpdateUser writes what can change of a profile.
func UpdateUser(ctx context.Context, tx *sqldb.Tx, u myna.User) error {
	if _, err := tx.Exec(ctx, updateUser, u.Name, int64(u.Role), flag(u.Disabled), u.Rev, int64(u.ID)); err != nil {
		return fmt.Errorf("update user: %w", err)
	}
	return nil
}

const bumpEpoch = "UPDATE users SET auth_epoch=auth_epoch+1 WHERE id=?"

// BumpAuthEpoch makes every proof of identity issued before worthless.
func BumpAuthEpoch(ctx context.Context, tx *sqldb.Tx, user myna.UserID) error {
	if _, err := tx.Exec(ctx, bumpEpoch, int64(user)); err != nil {
		return fmt.Errorf("bump auth epoch: %w", err)
	}
	return nil
}

const usersByKeys = "SELECT " + userColumns + ", u.username_key FROM users u WHERE u.disabled=0 AND u.username_key IN "

// UsersByKeys finds active people by their case-folded usernames.
func (s *Store) UsersByKeys(ctx context.Context, keys []string) (map[string]myna.UserID, error) {
	found := map[string]myna.UserID{}
	err := padded(keys, func(part []string) error {
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = k
		}
		return each(ctx, s.db, usersByKeys+sqldb.List(len(part)), args, func(scan scanFunc) error {
			var u myna.User
			var key string
			if err := scan(append(userFields(&u), &key)...); err != nil {
				return err
			}
			found[key] = u.ID
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("find people by name: %w", err)
	}
	return found, nil
}

const activeUsers = "SELECT u.id FROM users u WHERE u.disabled=0 AND u.id IN "

// ActiveUsers says which of the ids are people who can sign in.
func ActiveUsers(ctx context.Context, q sqldb.Queryer, ids []myna.UserID) (map[myna.UserID]bool, error) {
	active := map[myna.UserID]bool{}
	err := padded(ids, func(part []myna.UserID) error {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = int64(id)
		}
		return each(ctx, q, activeUsers+sqldb.List(len(part)), args, func(scan scanFunc) error {
			var id myna.UserID
			err := scan(&id)
			active[id] = true
			return err
		})
	})
	return active, err
}

const countOwners = "SELECT COUNT(*) FROM users WHERE role=? AND disabled=0"

// CountOwners counts the owners who can sign in.
func CountOwners(ctx context.Context, q sqldb.Queryer) (n int, err error) {
	err = q.QueryRow(ctx, countOwners, int64(myna.RoleOwner)).Scan(&n)
	return n, err
}
