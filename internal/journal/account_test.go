package journal_test

import (
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// TestDisabledPersonsInvites: nobody comes in by the invite of somebody who was shut out, least of all
// that person under another name.
func TestDisabledPersonsInvites(t *testing.T) {
	sqldbtest.Each(t, migrations.FS, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.user("ann", myna.RoleOwner)
		bob, cat := h.user("bob", myna.RoleAdmin), h.user("cat", myna.RoleAdmin)
		now := myna.TimeOf(time.Now())
		before, late, others := make([]byte, 32), make([]byte, 32), make([]byte, 32)
		before[0], late[0], others[0] = 1, 2, 3
		invite := func(p myna.Principal, hash []byte) {
			t.Helper()
			err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
				i := myna.Invite{ID: myna.InviteID(myna.NewID(time.Now())), CreatedBy: p.User, CreatedAt: now, ExpiresAt: now.Add(time.Hour), UsesLeft: 5}
				return store.InsertInvite(t.Context(), tx, i, hash)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		join := func(name string, hash []byte) *journal.CreateUser {
			return &journal.CreateUser{
				User:   myna.User{ID: myna.UserID(myna.NewID(time.Now())), Username: name, Name: name, Role: myna.RoleMember, CreatedAt: now},
				Keys:   store.UserKeys{Key: name, Skeleton: name},
				Redeem: journal.Redeem{Invite: hash},
			}
		}
		invite(bob, before)
		invite(cat, others)
		h.do(join("dan", before))
		h.do(&journal.SetDisabled{User: bob.User, Disabled: true})
		invite(bob, late) // was under way
		for _, hash := range [][]byte{before, late} {
			h.refused(join("eve", hash), myna.CodeInviteSpent)
			if _, _, err := h.store.CheckInvite(t.Context(), hash, now); codeOf(err) != myna.CodeInviteSpent {
				t.Errorf("the invite of somebody disabled: %v", err)
			}
		}
		h.do(join("fay", others))
		h.do(&journal.SetDisabled{User: bob.User})
		h.refused(join("eve", before), myna.CodeInviteSpent)
		h.checkContiguous()
	})
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return myna.AsError(err).Code
}

// TestOwnerComesLast: a server can be set up although somebody made on the command line has taken the
// name of the channel everybody joins.
func TestOwnerComesLast(t *testing.T) {
	h := newHouse(t, sqldbtest.Open(t, sqldb.SQLite, migrations.FS))
	bob := h.user("bob", myna.RoleMember)
	h.channel(bob, journal.DefaultRoomName, myna.ClosedRoom)
	ann := h.user("ann", myna.RoleOwner)
	all, err := h.store.Sync(t.Context(), ann.User)
	if err != nil || len(all.Rooms) != 1 || !all.Rooms[0].Room.Default || all.Rooms[0].Room.Name != journal.DefaultRoomName+" 2" {
		t.Errorf("the owner's rooms: %+v, %v", all.Rooms, err)
	}
	h.user("cat", myna.RoleMember)
	h.checkContiguous()
}
