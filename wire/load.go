package wire

import "github.com/myna-chat/myna"

// Limits of one bulk call, so that a wrong number cannot fill a disk.
const (
	MaxLoadUsers = 20_000 // as many as a room may hold
	MaxLoadRooms = 5_000
	MaxLoadSeats = 100_000 // memberships over all rooms of the call
)

// LoadUserPrefix begins the username of everybody the bulk route makes.
const LoadUserPrefix = "load-"

// CreateLoad is the body of POST /api/v1/load, which exists only on a server started with
// --allow-load-test and answers only a peer on a loopback address that sends no forwarding header; it
// needs no session. It makes accounts named "load-…" with a session token each (no password, no seat in
// the default room, no rate limits) and private rooms for them. Nothing else on the server is touched.
//
// {"users": 5000, "rooms": [{"count": 500, "size": 10}]} makes 5,000 people in 500 rooms of 10;
// {"users": 1000, "rooms": [{"count": 1, "size": 1000}]} makes one crowd.
type CreateLoad struct {
	Users int         `json:"users" doc:"How many accounts to make, 1 to 20,000."`
	Rooms []LoadRooms `json:"rooms,omitempty" doc:"Groups of equal rooms, at most 5,000 rooms and 100,000 seats in all."`
}

// LoadRooms asks for Count rooms (kind closed) of Size members each. Seats are handed out round the
// table of the call's accounts: room k of the group holds the accounts First+k*Size … First+k*Size+Size-1,
// each modulo users. The first of them makes the room.
type LoadRooms struct {
	Count int `json:"count" doc:"How many rooms, at least 1."`
	Size  int `json:"size" doc:"Members each, 1 to users."`
	First int `json:"first,omitempty" doc:"Index of the first room's first member; 0 if left out."`
}

// LoadMade answers CreateLoad, everything in the order asked for.
type LoadMade struct {
	PID   int        `json:"pid" doc:"The server's process: a generator on the same machine reads its CPU and memory from /proc."`
	Users []LoadUser `json:"users"`
	Rooms []LoadRoom `json:"rooms"`
}

// LoadUser is one account with a live session.
type LoadUser struct {
	ID    myna.UserID `json:"id"`
	Token string      `json:"token" doc:"Bearer token of a session, good for a day."`
}

// LoadRoom is one room; Members are indices into the answer's users.
type LoadRoom struct {
	ID      myna.RoomID `json:"id"`
	Members []int       `json:"members"`
}

// Seats lists the members' indices of room k of the group, for a call that makes users accounts.
func (g LoadRooms) Seats(k, users int) []int {
	members := make([]int, g.Size)
	for i := range members {
		members[i] = (g.First + k*g.Size + i) % users
	}
	return members
}

// Check says what is wrong with the numbers; the error is of kind Invalid.
func (c CreateLoad) Check() error {
	if c.Users < 1 || c.Users > MaxLoadUsers {
		return myna.Errorf(myna.Invalid, myna.CodeBadValue, "users must be 1 to %d, not %d", MaxLoadUsers, c.Users).In("users")
	}
	rooms, seats := 0, 0
	for _, g := range c.Rooms {
		if g.Count < 1 || g.Count > MaxLoadRooms || g.Size < 1 || g.Size > c.Users || g.First < 0 || g.First >= c.Users {
			return myna.Errorf(myna.Invalid, myna.CodeBadValue,
				"a group of rooms needs count 1 to %d, size 1 to users and first below users", MaxLoadRooms).In("rooms")
		}
		rooms += g.Count
		seats += g.Count * g.Size
	}
	if rooms > MaxLoadRooms || seats > MaxLoadSeats {
		return myna.Errorf(myna.Invalid, myna.CodeTooLarge,
			"at most %d rooms and %d seats a call, not %d and %d", MaxLoadRooms, MaxLoadSeats, rooms, seats).In("rooms")
	}
	return nil
}
