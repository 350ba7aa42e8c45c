package httpapi

import (
	"os"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

type createLoad struct {
	Body wire.CreateLoad
}

// load makes accounts and rooms for the load generator. The route exists only on a server started for
// that, and answers only this machine.
func (a *API) load(c *call, in *createLoad) (wire.LoadMade, error) {
	ask := in.Body
	if err := ask.Check(); err != nil {
		return wire.LoadMade{}, err
	}
	grants, err := a.auth.LoadAccounts(c.ctx(), ask.Users)
	if err != nil {
		return wire.LoadMade{}, err
	}
	out := wire.LoadMade{PID: os.Getpid(), Users: make([]wire.LoadUser, 0, ask.Users)}
	for _, grant := range grants {
		out.Users = append(out.Users, wire.LoadUser{ID: grant.User.ID, Token: grant.Token})
	}
	var rooms [][]myna.UserID
	for _, group := range ask.Rooms {
		for k := range group.Count {
			seats := group.Seats(k, ask.Users)
			out.Rooms = append(out.Rooms, wire.LoadRoom{Members: seats})
			people := make([]myna.UserID, len(seats))
			for i, seat := range seats {
				people[i] = out.Users[seat].ID
			}
			rooms = append(rooms, people)
		}
	}
	ids, err := a.chat.LoadRooms(c.ctx(), rooms)
	if err != nil {
		return wire.LoadMade{}, err
	}
	for i, id := range ids {
		out.Rooms[i].ID = id
	}
	return out, nil
}
