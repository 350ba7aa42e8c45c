package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// Changes are the rows of a scope after a cursor, in rev order, with where the scope stood in the same
// snapshot. More says that the rest is to be asked for with After = the last row's rev. Reset says that
// the cursor was too far behind (only rooms answer so) and that there are no rows here.
type Changes struct {
	Scope myna.Scope
	Rows  []myna.Change
	Head  int64
	More  bool
	Reset bool
}

// afterFunc reads up to limit rows of one table of a scope with a rev above after, in rev order, given
// where the scope stands.
type afterFunc func(ctx context.Context, q sqldb.Queryer, id int64, head myna.Head, after, limit int64) ([]myna.Change, error)

const (
	roomsAfter       = "SELECT " + roomColumns + " FROM rooms r WHERE r.id=? AND r.rev>? LIMIT ?"
	membersAfter     = "SELECT " + memberColumns + " FROM members m WHERE m.room_id=? AND m.rev>? ORDER BY m.rev LIMIT ?"
	messagesNewAfter = "SELECT " + messageColumns + " FROM messages m WHERE m.room_id=? AND m.seq>? AND m.rev>? AND m.rev=m.first_rev ORDER BY m.seq LIMIT ?"
	messagesEdited   = "SELECT " + messageColumns + ` FROM message_edits e JOIN messages m ON m.room_id=e.room_id AND m.seq=e.seq
	WHERE e.room_id=? AND e.rev>? ORDER BY e.rev LIMIT ?`
	membershipsAfter = "SELECT " + membershipColumns + " FROM memberships ms WHERE ms.user_id=? AND ms.rev>? ORDER BY ms.rev LIMIT ?"
	draftsAfter      = "SELECT " + draftColumns + " FROM drafts d WHERE d.user_id=? AND d.rev>? ORDER BY d.rev LIMIT ?"
	preferencesAfter = "SELECT user_id, theme, language, enter_key, rev FROM preferences WHERE user_id=? AND rev>? LIMIT ?"
	usersAfter       = "SELECT " + userColumns + " FROM users u WHERE u.id<>? AND u.rev>? ORDER BY u.rev LIMIT ?"
	settingsAfter    = "SELECT name, registration, rev FROM settings WHERE id<>? AND rev>? LIMIT ?"
)

// tablesOf are the tables whose rows live in a kind of scope.
func tablesOf(kind myna.ScopeKind) []afterFunc {
	switch kind {
	case myna.RoomKindScope:
		return []afterFunc{
			after(roomsAfter, scanRoom, func(r myna.Room) int64 { return r.Rev }),
			after(membersAfter, scanMember, func(m myna.Member) int64 { return m.Rev }),
			newMessages,
			after(messagesEdited, scanMessage, func(m myna.Message) int64 { return m.Rev }),
		}
	case myna.UserKind:
		return []afterFunc{
			after(membershipsAfter, scanMembership, func(m myna.Membership) int64 { return m.Rev }),
			after(draftsAfter, scanDraft, func(d myna.Draft) int64 { return d.Rev }),
			after(preferencesAfter, scanPreferences, func(p myna.Preferences) int64 { return p.Rev }),
		}
	default:
		return []afterFunc{
			after(usersAfter, scanUser, func(u myna.User) int64 { return u.Rev }),
			after(settingsAfter, scanSettings, func(s myna.Settings) int64 { return s.Rev }),
		}
	}
}

// after makes the reader of one table. The directory has no id: its scope's number is 0, which is no
// row's key.
func after[R myna.Row](query string, scan func(scanFunc) (R, error), rev func(R) int64) afterFunc {
	return func(ctx context.Context, q sqldb.Queryer, id int64, _ myna.Head, after, limit int64) ([]myna.Change, error) {
		return list(ctx, q, query, []any{id, after, limit}, func(s scanFunc) (myna.Change, error) {
			row, err := scan(s)
			return myna.Change{Rev: rev(row), Row: row}, err
		})
	}
}

// newMessages reads the messages posted after a rev that have not changed since. Each moved the counter
// by one, so they are among the last head.Rev-after of the room.
func newMessages(ctx context.Context, q sqldb.Queryer, id int64, head myna.Head, after, limit int64) ([]myna.Change, error) {
	from := head.Seq - (head.Rev - after)
	return list(ctx, q, messagesNewAfter, []any{id, from, after, limit}, func(s scanFunc) (myna.Change, error) {
		m, err := scanMessage(s)
		return myna.Change{Rev: m.Rev, Row: m}, err
	})
}

// Changes reads what changed in a scope after a cursor, for a viewer who may see it: NotFound for a room
// the viewer is not in and for somebody else's scope.
func (s *Store) Changes(ctx context.Context, viewer myna.UserID, scope myna.Scope, after int64, limit int) (Changes, error) {
	var c Changes
	err := s.db.View(ctx, func(tx *sqldb.Tx) error {
		head, err := headOfScope(ctx, tx, viewer, scope)
		if err != nil {
			return err
		}
		if scope.Kind == myna.RoomKindScope && head.Rev-after > myna.MaxBehind {
			c = Changes{Scope: scope, Head: head.Rev, Reset: true}
			return nil
		}
		c, err = changesAfter(ctx, tx, scope, head, after, limit)
		return err
	})
	if err != nil {
		return Changes{}, fmt.Errorf("changes of %s after %d: %w", scope, after, err)
	}
	return c, nil
}

const anyHead = "SELECT rev, seq FROM scopes WHERE kind=? AND id=?"

func headOfScope(ctx context.Context, q sqldb.Queryer, viewer myna.UserID, scope myna.Scope) (myna.Head, error) {
	switch {
	case scope.Kind == myna.RoomKindScope:
		return headFor(ctx, q, viewer, myna.RoomID(scope.ID))
	case scope.Kind == myna.UserKind && scope.ID != int64(viewer):
		return myna.Head{}, absent("scope")
	}
	return headOf(ctx, q, scope)
}

func headOf(ctx context.Context, q sqldb.Queryer, scope myna.Scope) (myna.Head, error) {
	head, _, err := one(ctx, q, anyHead, []any{int64(scope.Kind), scope.ID}, func(scan scanFunc) (h myna.Head, err error) {
		err = scan(&h.Rev, &h.Seq)
		return h, err
	})
	return head, err
}

func changesAfter(ctx context.Context, q sqldb.Queryer, scope myna.Scope, head myna.Head, after int64, limit int) (Changes, error) {
	c := Changes{Scope: scope, Head: head.Rev}
	if after > head.Rev {
		return c, myna.Errorf(myna.Invalid, myna.CodeBadCursor, "cursor %d lies beyond the head %d of this scope: load it anew", after, head.Rev).In("after")
	}
	if after == head.Rev {
		return c, nil
	}
	for _, read := range tablesOf(scope.Kind) {
		rows, err := read(ctx, q, scope.ID, head, after, int64(limit+1))
		if err != nil {
			return c, err
		}
		c.Rows = append(c.Rows, rows...)
	}
	slices.SortFunc(c.Rows, func(a, b myna.Change) int { return int(a.Rev - b.Rev) })
	if len(c.Rows) > limit {
		c.Rows, c.More = c.Rows[:limit], true
	}
	for i := range c.Rows {
		c.Rows[i].Scope = scope
	}
	return c, nil
}

// ChangesOf reads what changed in a scope after a cursor, for the server itself: delivery fills gaps
// with it, and then goes by its own list of listeners.
func (s *Store) ChangesOf(ctx context.Context, scope myna.Scope, after int64, limit int) (Changes, error) {
	var c Changes
	err := s.db.View(ctx, func(tx *sqldb.Tx) error {
		head, err := headOf(ctx, tx, scope)
		if err == nil {
			c, err = changesAfter(ctx, tx, scope, head, after, limit)
		}
		return err
	})
	if err != nil {
		return Changes{}, fmt.Errorf("changes of %s after %d: %w", scope, after, err)
	}
	return c, nil
}
