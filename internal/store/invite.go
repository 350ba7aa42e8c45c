package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const inviteColumns = "i.id, i.created_by, i.created_at, i.expires_at, i.uses_left, i.revoked_at"

func inviteFields(i *myna.Invite) []any {
	return []any{&i.ID, &i.CreatedBy, &i.CreatedAt, &i.ExpiresAt, &i.UsesLeft, &i.RevokedAt}
}

func scanInvite(scan scanFunc) (i myna.Invite, err error) {
	err = scan(inviteFields(&i)...)
	return i, err
}

const insertInvite = `INSERT INTO invites (id, code_hash, created_by, created_at, expires_at, uses_left, revoked_at)
	VALUES (?,?,?,?,?,?,0)`

// InsertInvite writes a new invite; only the SHA-256 of its code is stored.
func InsertInvite(ctx context.Context, tx *sqldb.Tx, i myna.Invite, codeHash []byte) error {
	_, err := tx.Exec(ctx, insertInvite,
		int64(i.ID), codeHash, int64(i.CreatedBy), int64(i.CreatedAt), int64(i.ExpiresAt), i.UsesLeft)
	if err != nil {
		return fmt.Errorf("insert invite: %w", err)
	}
	return nil
}

const openInvite = "SELECT " + inviteColumns + `, u.name FROM invites i JOIN users u ON u.id=i.created_by
	WHERE i.code_hash=? AND i.uses_left>0 AND i.revoked_at=0 AND i.expires_at>? AND u.disabled=0`

// CheckInvite finds an invite that can still be used and the name of who made it, without using it.
func (s *Store) CheckInvite(ctx context.Context, codeHash []byte, now myna.Time) (invite myna.Invite, inviter string, err error) {
	invite, found, err := one(ctx, s.db, openInvite, []any{codeHash, int64(now)}, func(scan scanFunc) (i myna.Invite, err error) {
		err = scan(append(inviteFields(&i), &inviter)...)
		return i, err
	})
	switch {
	case err != nil:
		return myna.Invite{}, "", fmt.Errorf("check invite: %w", err)
	case !found:
		return myna.Invite{}, "", inviteSpent()
	}
	return invite, inviter, nil
}

const redeemInvite = `UPDATE invites SET uses_left=uses_left-1
	WHERE code_hash=? AND uses_left>0 AND revoked_at=0 AND expires_at>?
	AND created_by IN (SELECT u.id FROM users u WHERE u.disabled=0)`

// RedeemInvite takes one use off an invite. It is one compare-and-set: of two who want the last use
// only one gets it.
func RedeemInvite(ctx context.Context, tx *sqldb.Tx, codeHash []byte, now myna.Time) error {
	n, err := affected(tx.Exec(ctx, redeemInvite, codeHash, int64(now)))
	if err != nil {
		return fmt.Errorf("redeem invite: %w", err)
	}
	if n == 0 {
		return inviteSpent()
	}
	return nil
}

const openInvites = "SELECT " + inviteColumns + ` FROM invites i
	WHERE i.uses_left>0 AND i.revoked_at=0 AND i.expires_at>? ORDER BY i.id`

// Invites lists those that can still be used, the oldest first.
func (s *Store) Invites(ctx context.Context, now myna.Time) ([]myna.Invite, error) {
	invites, err := list(ctx, s.db, openInvites, []any{int64(now)}, scanInvite)
	if err != nil {
		return nil, fmt.Errorf("list invites: %w", err)
	}
	return invites, nil
}

const countInvites = "SELECT COUNT(*) FROM invites WHERE uses_left>0 AND revoked_at=0 AND expires_at>?"

// CountInvites counts those that can still be used.
func CountInvites(ctx context.Context, q sqldb.Queryer, now myna.Time) (n int, err error) {
	err = q.QueryRow(ctx, countInvites, int64(now)).Scan(&n)
	return n, err
}

const revokeInvite = "UPDATE invites SET revoked_at=? WHERE id=? AND revoked_at=0"

// RevokeInvite makes an invite useless; NotFound if there is none that could be revoked.
func RevokeInvite(ctx context.Context, tx *sqldb.Tx, id myna.InviteID, now myna.Time) error {
	n, err := affected(tx.Exec(ctx, revokeInvite, int64(now), int64(id)))
	if err != nil {
		return fmt.Errorf("revoke invite: %w", err)
	}
	if n == 0 {
		return myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such invite")
	}
	return nil
}

const revokeInvitesOf = "UPDATE invites SET revoked_at=? WHERE created_by=? AND revoked_at=0"

// RevokeInvitesOf makes all invites somebody made useless.
func RevokeInvitesOf(ctx context.Context, tx *sqldb.Tx, maker myna.UserID, now myna.Time) error {
	if _, err := tx.Exec(ctx, revokeInvitesOf, int64(now), int64(maker)); err != nil {
		return fmt.Errorf("revoke invites of %s: %w", maker, err)
	}
	return nil
}

func inviteSpent() error {
	return myna.Errorf(myna.Gone, myna.CodeInviteSpent, "this invite was used up, revoked or has expired; ask for a new one").In("invite")
}
