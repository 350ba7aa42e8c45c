package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// LinkPurpose says what a one-time link allows. The names are stored.
type LinkPurpose string

const (
	SetupLink LinkPurpose = "setup" // become the first owner
	ResetLink LinkPurpose = "reset" // choose a new password
)

// Link is a one-time link; only the SHA-256 of its token is stored.
type Link struct {
	TokenHash []byte
	Purpose   LinkPurpose
	User      myna.UserID // 0 for setup
	CreatedAt myna.Time
	ExpiresAt myna.Time
}

const insertLink = "INSERT INTO links (token_hash, purpose, user_id, created_at, expires_at, used_at) VALUES (?,?,?,?,?,0)"

// InsertLink writes a new link.
func InsertLink(ctx context.Context, tx *sqldb.Tx, l Link) error {
	_, err := tx.Exec(ctx, insertLink, l.TokenHash, string(l.Purpose), int64(l.User), int64(l.CreatedAt), int64(l.ExpiresAt))
	if err != nil {
		return fmt.Errorf("insert %s link: %w", l.Purpose, err)
	}
	return nil
}

const openLink = "SELECT user_id FROM links WHERE token_hash=? AND purpose=? AND used_at=0 AND expires_at>?"

// CheckLink says for whom a link is, without using it up: a look before the costly part of the work.
func (s *Store) CheckLink(ctx context.Context, tokenHash []byte, purpose LinkPurpose, now myna.Time) (myna.UserID, error) {
	args := []any{tokenHash, string(purpose), int64(now)}
	user, found, err := one(ctx, s.db, openLink, args, scanUserID)
	switch {
	case err != nil:
		return 0, fmt.Errorf("check %s link: %w", purpose, err)
	case !found:
		return 0, linkSpent()
	}
	return user, nil
}

const (
	redeemLink = "UPDATE links SET used_at=? WHERE token_hash=? AND purpose=? AND used_at=0 AND expires_at>?"
	userOfLink = "SELECT user_id FROM links WHERE token_hash=?"
	spendLinks = "UPDATE links SET used_at=? WHERE purpose=? AND user_id=? AND used_at=0"
)

// RedeemLink uses a link up and says for whom it is. It is one compare-and-set, so of two at once only
// one gets through. All other open links of the same purpose and person are used up with it.
func RedeemLink(ctx context.Context, tx *sqldb.Tx, tokenHash []byte, purpose LinkPurpose, now myna.Time) (myna.UserID, error) {
	n, err := affected(tx.Exec(ctx, redeemLink, int64(now), tokenHash, string(purpose), int64(now)))
	if err != nil {
		return 0, fmt.Errorf("redeem %s link: %w", purpose, err)
	}
	if n == 0 {
		return 0, linkSpent()
	}
	user, _, err := one(ctx, tx, userOfLink, []any{tokenHash}, scanUserID)
	if err == nil {
		err = SpendLinks(ctx, tx, purpose, user, now)
	}
	if err != nil {
		return 0, fmt.Errorf("redeem %s link: %w", purpose, err)
	}
	return user, nil
}

// SpendLinks makes all open links of a purpose and person useless.
func SpendLinks(ctx context.Context, tx *sqldb.Tx, purpose LinkPurpose, user myna.UserID, now myna.Time) error {
	_, err := tx.Exec(ctx, spendLinks, int64(now), string(purpose), int64(user))
	return err
}

const deleteLinks = "DELETE FROM links WHERE expires_at<?"

// DeleteLinks removes links that expired before a moment.
func DeleteLinks(ctx context.Context, tx *sqldb.Tx, before myna.Time) error {
	if _, err := tx.Exec(ctx, deleteLinks, int64(before)); err != nil {
		return fmt.Errorf("delete old links: %w", err)
	}
	return nil
}

func linkSpent() error {
	return myna.Errorf(myna.Gone, myna.CodeLinkSpent, "this link was used already or has expired; ask for a new one").In("token")
}

func scanUserID(scan scanFunc) (id myna.UserID, err error) {
	err = scan(&id)
	return id, err
}

// affected is how many rows a statement matched.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
