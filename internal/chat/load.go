package chat

import (
	"context"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
)

// maxLoadSeats bounds one transaction of LoadRooms.
const maxLoadSeats = 5_000

// LoadRooms makes a closed room for each list of accounts of the load generator. It is reached only
// through the bulk route of a server that was started with --allow-load-test.
func (c *Chat) LoadRooms(ctx context.Context, rooms [][]myna.UserID) ([]myna.RoomID, error) {
	ids := make([]myna.RoomID, len(rooms))
	op, seats := &journal.CreateLoadRooms{}, 0
	for i, members := range rooms {
		// A millisecond each: the 22 random bits of an id are few for thousands at the same moment.
		ids[i] = myna.RoomID(myna.NewID(c.now().Add(time.Duration(i) * time.Millisecond)))
		op.Rooms = append(op.Rooms, journal.LoadRoom{ID: ids[i], Members: members})
		seats += len(members)
		if seats < maxLoadSeats && i < len(rooms)-1 {
			continue
		}
		if err := c.journal.Do(ctx, op); err != nil {
			return nil, err
		}
		op, seats = &journal.CreateLoadRooms{}, 0
	}
	return ids, nil
}
