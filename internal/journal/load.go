package journal

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// LoadRoom is a closed room for the load generator; the first of its members makes it.
type LoadRoom struct {
	ID      myna.RoomID
	Members []myna.UserID
}

// CreateLoadRooms makes rooms for accounts of the load generator, who are in none of them yet.
type CreateLoadRooms struct {
	Rooms []LoadRoom
}

func (c *CreateLoadRooms) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	var scopes []myna.Scope
	for _, r := range c.Rooms {
		scopes = append(scopes, r.ID.Scope())
		for _, user := range r.Members {
			scopes = append(scopes, user.Scope())
		}
	}
	return scopes, nil
}

func (c *CreateLoadRooms) apply(ctx context.Context, b *batch) error {
	var members []myna.Member
	var memberships []myna.Membership
	for _, r := range c.Rooms {
		maker := CreateRoom{
			Principal: myna.Principal{User: r.Members[0]},
			Room:      myna.Room{ID: r.ID, Kind: myna.ClosedRoom, Name: "load " + r.ID.String()},
			Keys:      store.RoomKeys{Name: "load " + r.ID.String(), Nonce: loadNonce(r.ID)},
		}
		if err := maker.insert(ctx, b); err != nil {
			return err
		}
		for _, user := range r.Members {
			members = append(members, myna.Member{
				Room: r.ID, User: user, Role: myna.PlainMember, JoinedAt: b.now, Rev: b.next(r.ID.Scope()),
			})
			memberships = append(memberships, myna.Membership{Room: r.ID, User: user, Rev: b.next(user.Scope())})
		}
	}
	return b.savePlaces(ctx, members, memberships)
}

// loadNonce makes the nonce of a room nobody asked for twice.
func loadNonce(id myna.RoomID) (n myna.Nonce) {
	for i := range 8 {
		n[i] = byte(id >> (8 * i))
	}
	return n
}
