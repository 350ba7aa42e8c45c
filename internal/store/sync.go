package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// Followed is one scope a person's devices listen to, and where it stands.
type Followed struct {
	Scope     myna.Scope
	Head      int64
	MemberRev int64 // rooms: the rev of the person's own member row; else 0
}

const followed = `SELECT 3, m.room_id, s.rev, m.rev FROM memberships ms
	JOIN members m ON m.room_id=ms.room_id AND m.user_id=ms.user_id AND m.has_left=0
	JOIN scopes s ON s.kind=3 AND s.id=ms.room_id
	WHERE ms.user_id=? AND ms.has_left=0
	UNION ALL SELECT kind, id, rev, 0 FROM scopes WHERE kind=2 AND id=?
	UNION ALL SELECT kind, id, rev, 0 FROM scopes WHERE kind=1 AND id=0`

// Follow lists everything a person's devices listen to, as of one moment.
func (s *Store) Follow(ctx context.Context, user myna.UserID) ([]Followed, error) {
	all, err := list(ctx, s.db, followed, []any{int64(user), int64(user)}, func(scan scanFunc) (f Followed, err error) {
		err = scan(&f.Scope.Kind, &f.Scope.ID, &f.Head, &f.MemberRev)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("follow: %w", err)
	}
	return all, nil
}

// FollowedRoom is a room with the viewer's place in it and all that a line of the room list shows.
type FollowedRoom struct {
	Room       myna.Room
	Membership myna.Membership
	Head       myna.Head
	LastAt     myna.Time // when the newest message came, 0 if there is none
	Counts     myna.Counts
	Members    []myna.UserID // of direct rooms only
}

const (
	followedRooms = "SELECT " + roomColumns + ", " + membershipColumns + `, s.rev, s.seq, COALESCE(last.created_at, 0)
	FROM memberships ms
	JOIN rooms r ON r.id=ms.room_id
	JOIN scopes s ON s.kind=3 AND s.id=ms.room_id
	LEFT JOIN messages last ON last.room_id=ms.room_id AND last.seq=s.seq
	WHERE ms.user_id=? AND ms.has_left=0`
	followedRoom = followedRooms + " AND ms.room_id=?"
)

func scanFollowedRoom(scan scanFunc) (f FollowedRoom, err error) {
	fields := append(roomFields(&f.Room), membershipFields(&f.Membership)...)
	err = scan(append(fields, &f.Head.Rev, &f.Head.Seq, &f.LastAt)...)
	return f, err
}

const directMembers = `SELECT m.user_id FROM members m
	JOIN members v ON v.room_id=m.room_id AND v.user_id=? AND v.has_left=0
	WHERE m.room_id=? AND m.has_left=0 ORDER BY m.user_id`

// complete adds to a room what takes queries of its own.
func complete(ctx context.Context, q sqldb.Queryer, viewer myna.UserID, f *FollowedRoom) (err error) {
	if f.Counts, err = countsAfter(ctx, q, viewer, f.Room.ID, f.Membership.ReadSeq, f.Head.Seq); err != nil {
		return err
	}
	if f.Room.Kind == myna.DirectRoom {
		f.Members, err = list(ctx, q, directMembers, []any{int64(viewer), int64(f.Room.ID)}, func(scan scanFunc) (id myna.UserID, err error) {
			err = scan(&id)
			return id, err
		})
	}
	return err
}

// FollowedRoom reads one room for a viewer who is in it; NotFound for anybody else.
func (s *Store) FollowedRoom(ctx context.Context, viewer myna.UserID, room myna.RoomID) (f FollowedRoom, err error) {
	err = s.db.View(ctx, func(tx *sqldb.Tx) error {
		var found bool
		f, found, err = one(ctx, tx, followedRoom, []any{int64(viewer), int64(room)}, scanFollowedRoom)
		if err == nil && !found {
			err = absent("room")
		}
		if err != nil {
			return err
		}
		return complete(ctx, tx, viewer, &f)
	})
	if err != nil {
		return FollowedRoom{}, fmt.Errorf("room %s: %w", room, err)
	}
	return f, nil
}

// Sync is everything a person's client needs for its first screen.
type Sync struct {
	Me          myna.User
	Settings    myna.Settings
	Preferences myna.Preferences
	Directory   int64 // head rev of the directory scope
	User        int64 // head rev of the person's own scope
	Rooms       []FollowedRoom
	Drafts      []myna.Draft
}

// Sync reads a person's first screen in one snapshot.
func (s *Store) Sync(ctx context.Context, user myna.UserID) (Sync, error) {
	var all Sync
	err := s.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		all, err = readSync(ctx, tx, user)
		return err
	})
	if err != nil {
		return Sync{}, fmt.Errorf("sync: %w", err)
	}
	return all, nil
}

const draftsOf = "SELECT " + draftColumns + ` FROM drafts d
	JOIN memberships ms ON ms.user_id=d.user_id AND ms.room_id=d.room_id AND ms.has_left=0
	WHERE d.user_id=? AND d.body<>''`

func readSync(ctx context.Context, tx *sqldb.Tx, user myna.UserID) (all Sync, err error) {
	var found bool
	if all.Me, found, err = UserByID(ctx, tx, user); err != nil || !found {
		return all, orAbsent(err, "person")
	}
	if all.Settings, err = SettingsOf(ctx, tx); err != nil {
		return all, err
	}
	if all.Preferences, err = PreferencesOf(ctx, tx, user); err != nil {
		return all, err
	}
	directory, err := headOf(ctx, tx, myna.Directory())
	if err != nil {
		return all, err
	}
	own, err := headOf(ctx, tx, user.Scope())
	if err != nil {
		return all, err
	}
	all.Directory, all.User = directory.Rev, own.Rev
	if all.Rooms, err = list(ctx, tx, followedRooms, []any{int64(user)}, scanFollowedRoom); err != nil {
		return all, err
	}
	for i := range all.Rooms {
		if err := complete(ctx, tx, user, &all.Rooms[i]); err != nil {
			return all, err
		}
	}
	all.Drafts, err = list(ctx, tx, draftsOf, []any{int64(user)}, scanDraft)
	return all, err
}

func orAbsent(err error, noun string) error {
	if err != nil {
		return err
	}
	return absent(noun)
}
