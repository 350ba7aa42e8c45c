package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

const sessionColumns = `s.id, s.user_id, s.kind, s.user_agent, s.address, s.created_at, s.seen_at, s.expires_at,
	s.revoked_at`

func sessionFields(s *myna.Session) []any {
	return []any{
		&s.ID, &s.User, &s.Kind, &s.UserAgent, &s.Address, &s.CreatedAt, &s.SeenAt, &s.ExpiresAt, &s.RevokedAt,
	}
}

func scanSession(scan scanFunc) (s myna.Session, err error) {
	err = scan(sessionFields(&s)...)
	return s, err
}

// NewSession is a session about to be written: what is shown, the SHA-256 of its token, and the auth
// epoch of the person at that moment.
type NewSession struct {
	Session   myna.Session
	TokenHash []byte
	AuthEpoch int64
}

const insertSessions = `INSERT INTO sessions (id, user_id, token_hash, kind, auth_epoch, user_agent, address,
	created_at, seen_at, expires_at, revoked_at)`

// InsertSessions writes new sessions.
func InsertSessions(ctx context.Context, tx *sqldb.Tx, sessions ...NewSession) error {
	rows := make([][]any, len(sessions))
	for i, n := range sessions {
		s := n.Session
		rows[i] = []any{
			int64(s.ID), int64(s.User), n.TokenHash, int64(s.Kind), n.AuthEpoch, s.UserAgent, s.Address,
			int64(s.CreatedAt), int64(s.SeenAt), int64(s.ExpiresAt), int64(s.RevokedAt),
		}
	}
	if err := insertMany(ctx, tx, insertSessions, 11, "", rows); err != nil {
		return fmt.Errorf("insert %d sessions: %w", len(sessions), err)
	}
	return nil
}

// Proof is what a token's hash leads to: the session, and what must be right about its person.
type Proof struct {
	Session  myna.Session
	Role     myna.Role
	Load     bool
	Disabled bool
	Current  bool // the session's auth epoch is still the person's
}

const proofByToken = "SELECT " + sessionColumns + `, u.role, u.is_load, u.disabled, s.auth_epoch=u.auth_epoch
	FROM sessions s JOIN users u ON u.id=s.user_id WHERE s.token_hash=?`

// Proof finds the session of a token; found is false if there is none. Whether it is still good is for
// package auth to say.
func (s *Store) Proof(ctx context.Context, tokenHash []byte) (proof Proof, found bool, err error) {
	proof, found, err = one(ctx, s.db, proofByToken, []any{tokenHash}, func(scan scanFunc) (p Proof, err error) {
		err = scan(append(sessionFields(&p.Session), &p.Role, &p.Load, &p.Disabled, &p.Current)...)
		return p, err
	})
	if err != nil {
		return Proof{}, false, fmt.Errorf("find session: %w", err)
	}
	return proof, found, nil
}

const sessionsOfUser = "SELECT " + sessionColumns + ` FROM sessions s
	WHERE s.user_id=? AND s.revoked_at=0 AND s.expires_at>? ORDER BY s.created_at, s.id`

// SessionsOf lists somebody's sessions that have not ended, the oldest first.
func SessionsOf(ctx context.Context, q sqldb.Queryer, user myna.UserID, now myna.Time) ([]myna.Session, error) {
	sessions, err := list(ctx, q, sessionsOfUser, []any{int64(user), int64(now)}, scanSession)
	if err != nil {
		return nil, fmt.Errorf("list sessions of %s: %w", user, err)
	}
	return sessions, nil
}

const sessionByID = "SELECT " + sessionColumns + " FROM sessions s WHERE s.id=?"

// SessionByID finds a session, for the command line.
func (s *Store) SessionByID(ctx context.Context, id myna.SessionID) (myna.Session, bool, error) {
	return one(ctx, s.db, sessionByID, []any{int64(id)}, scanSession)
}

const endSession = "UPDATE sessions SET revoked_at=? WHERE id=? AND user_id=? AND revoked_at=0"

// EndSession revokes one session of a person; ended is false if it had ended or is not theirs.
func EndSession(ctx context.Context, tx *sqldb.Tx, user myna.UserID, id myna.SessionID, now myna.Time) (ended bool, err error) {
	n, err := affected(tx.Exec(ctx, endSession, int64(now), int64(id), int64(user)))
	if err != nil {
		return false, fmt.Errorf("end session %s: %w", id, err)
	}
	return n > 0, nil
}

const (
	idsToEnd    = "SELECT id FROM sessions WHERE user_id=? AND revoked_at=0 AND id<>? ORDER BY created_at, id"
	endSessions = "UPDATE sessions SET revoked_at=? WHERE revoked_at=0 AND id IN "
)

// EndSessions revokes all sessions of a person but one (0 for none) and says which ended.
func EndSessions(ctx context.Context, tx *sqldb.Tx, user myna.UserID, except myna.SessionID, now myna.Time) ([]myna.SessionID, error) {
	ids, err := sessionIDs(ctx, tx, idsToEnd+tx.ForUpdate(), int64(user), int64(except))
	if err == nil {
		err = EndEach(ctx, tx, ids, now)
	}
	if err != nil {
		return nil, fmt.Errorf("end sessions of %s: %w", user, err)
	}
	return ids, nil
}

// EndOldest revokes the oldest sessions of a person beyond the newest keep and says which ended.
func EndOldest(ctx context.Context, tx *sqldb.Tx, user myna.UserID, keep int, now myna.Time) ([]myna.SessionID, error) {
	ids, err := sessionIDs(ctx, tx, idsToEnd+tx.ForUpdate(), int64(user), 0)
	if err == nil {
		ids = ids[:max(len(ids)-keep, 0)]
		err = EndEach(ctx, tx, ids, now)
	}
	if err != nil {
		return nil, fmt.Errorf("end oldest sessions of %s: %w", user, err)
	}
	return ids, nil
}

// EndEach revokes sessions by their ids.
func EndEach(ctx context.Context, tx *sqldb.Tx, ids []myna.SessionID, now myna.Time) error {
	return padded(ids, func(part []myna.SessionID) error {
		args := []any{int64(now)}
		for _, id := range part {
			args = append(args, int64(id))
		}
		_, err := tx.Exec(ctx, endSessions+sqldb.List(len(part)), args...)
		return err
	})
}

const setEpoch = "UPDATE sessions SET auth_epoch=? WHERE id=? AND revoked_at=0"

// SetSessionEpoch lets one session live on after its person's auth epoch moved.
func SetSessionEpoch(ctx context.Context, tx *sqldb.Tx, id myna.SessionID, epoch int64) error {
	if _, err := tx.Exec(ctx, setEpoch, epoch, int64(id)); err != nil {
		return fmt.Errorf("keep session %s: %w", id, err)
	}
	return nil
}

// Ended is a session that ended, and whether that was because its person was disabled.
type Ended struct {
	ID       myna.SessionID
	At       myna.Time
	Disabled bool
}

const endedSince = `SELECT s.id, s.revoked_at, u.disabled FROM sessions s JOIN users u ON u.id=s.user_id
	WHERE s.revoked_at>?`

// EndedSince lists the sessions that ended after a moment, by whatever process.
func (s *Store) EndedSince(ctx context.Context, after myna.Time) ([]Ended, error) {
	// A bound of 0 would list all that are alive: 0 stands for "never ended".
	ended, err := list(ctx, s.db, endedSince, []any{max(int64(after), 1)}, func(scan scanFunc) (e Ended, err error) {
		err = scan(&e.ID, &e.At, &e.Disabled)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("list ended sessions: %w", err)
	}
	return ended, nil
}

const touchSessions = "UPDATE sessions SET seen_at=? WHERE seen_at<? AND id IN "

// TouchSessions notes that the sessions were seen until now.
func TouchSessions(ctx context.Context, tx *sqldb.Tx, ids []myna.SessionID, now myna.Time) error {
	err := padded(ids, func(part []myna.SessionID) error {
		args := []any{int64(now), int64(now)}
		for _, id := range part {
			args = append(args, int64(id))
		}
		_, err := tx.Exec(ctx, touchSessions+sqldb.List(len(part)), args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("touch %d sessions: %w", len(ids), err)
	}
	return nil
}

const expiredSessions = `SELECT id FROM sessions WHERE revoked_at=0
	AND (expires_at<=? OR kind=? AND seen_at<=? OR kind<>? AND seen_at<=?)`

// Expired lists the sessions whose absolute end came, and those idle since the given moments, that
// nobody has ended yet.
func (s *Store) Expired(ctx context.Context, now, browserIdle, otherIdle myna.Time) ([]myna.SessionID, error) {
	browser := int64(myna.BrowserSession)
	ids, err := sessionIDs(ctx, s.db, expiredSessions, int64(now), browser, int64(browserIdle), browser, int64(otherIdle))
	if err != nil {
		return nil, fmt.Errorf("list expired sessions: %w", err)
	}
	return ids, nil
}

const deleteEnded = "DELETE FROM sessions WHERE revoked_at>0 AND revoked_at<?"

// DeleteEnded removes the rows of sessions that ended before a moment.
func DeleteEnded(ctx context.Context, tx *sqldb.Tx, before myna.Time) error {
	if _, err := tx.Exec(ctx, deleteEnded, int64(before)); err != nil {
		return fmt.Errorf("delete ended sessions: %w", err)
	}
	return nil
}

func sessionIDs(ctx context.Context, q sqldb.Queryer, query string, args ...any) ([]myna.SessionID, error) {
	return list(ctx, q, query, args, func(scan scanFunc) (id myna.SessionID, err error) {
		err = scan(&id)
		return id, err
	})
}
