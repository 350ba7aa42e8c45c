package httpapi

import (
	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/wire"
)

type browseInput struct {
	Q     string      `query:"q" doc:"Part of the name."`
	After myna.RoomID `query:"after" doc:"The next of the page before."`
	Limit int         `query:"limit" maximum:"200" doc:"Rooms a page; 50 if left out."`
}

func (a *API) browse(c *call, in *browseInput) (wire.BrowsedRooms, error) {
	page, err := a.chat.Browse(c.ctx(), c.principal, in.Q, in.After, orPage(in.Limit))
	if err != nil {
		return wire.BrowsedRooms{}, err
	}
	out := wire.BrowsedRooms{Rooms: make([]wire.BrowsedRoom, 0, len(page.Rooms))}
	for _, room := range page.Rooms {
		out.Rooms = append(out.Rooms, wire.BrowsedRoom{Room: wire.RoomOf(room.Room), Members: room.Members, Joined: room.Joined})
	}
	if page.Next != 0 {
		out.Next = page.Next.String()
	}
	return out, nil
}

func followedOf(f *chat.FollowedRoom) wire.FollowedRoom {
	return wire.FollowedRoom{
		Room: wire.RoomOf(f.Room), Membership: wire.MembershipOf(f.Membership), Head: f.Head.Rev,
		LastSeq: f.Head.Seq, LastAt: f.LastAt, Unread: f.Counts.Unread, Mentions: f.Counts.Mentions,
		Members: f.Members,
	}
}

// oneRoom is the answer of what ends in a room and the asker's place in it.
func oneRoom(f chat.FollowedRoom, err error) (wire.FollowedRoom, error) {
	if err != nil {
		return wire.FollowedRoom{}, err
	}
	return followedOf(&f), nil
}

type createRoom struct {
	Body wire.CreateRoom
}

func (a *API) createRoom(c *call, in *createRoom) (wire.FollowedRoom, error) {
	kind, err := myna.ParseRoomKind(in.Body.Kind)
	if err != nil {
		return wire.FollowedRoom{}, err
	}
	return oneRoom(a.chat.CreateRoom(c.ctx(), c.principal, chat.NewRoom{
		Nonce: in.Body.Nonce, Kind: kind, Name: in.Body.Name, Topic: in.Body.Topic, Members: in.Body.Members,
	}))
}

type roomInput struct {
	Room myna.RoomID `path:"room"`
}

func (a *API) room(c *call, in *roomInput) (wire.FollowedRoom, error) {
	return oneRoom(a.chat.Room(c.ctx(), c.principal, in.Room))
}

type updateRoom struct {
	Room myna.RoomID `path:"room"`
	Body wire.UpdateRoom
}

func (a *API) updateRoom(c *call, in *updateRoom) (wire.Room, error) {
	room, err := a.chat.UpdateRoom(c.ctx(), c.principal, in.Room, chat.RoomPatch(in.Body))
	return wire.RoomOf(room), err
}

func (a *API) join(c *call, in *roomInput) (wire.FollowedRoom, error) {
	return oneRoom(a.chat.Join(c.ctx(), c.principal, in.Room))
}

func (a *API) leave(c *call, in *roomInput) (none, error) {
	return none{}, a.chat.Leave(c.ctx(), c.principal, in.Room)
}
