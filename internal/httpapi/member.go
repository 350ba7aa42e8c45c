package httpapi

import (
	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/wire"
)

type membersInput struct {
	Room  myna.RoomID `path:"room"`
	After myna.UserID `query:"after" doc:"The next of the page before."`
	Limit int         `query:"limit" maximum:"200" doc:"People a page; 200 if left out."`
}

func (a *API) members(c *call, in *membersInput) (wire.Members, error) {
	page, err := a.chat.Members(c.ctx(), c.principal, in.Room, in.After, orMost(in.Limit))
	if err != nil {
		return wire.Members{}, err
	}
	out := wire.Members{Members: make([]wire.Member, 0, len(page.Members)), Head: page.Head}
	for _, member := range page.Members {
		out.Members = append(out.Members, wire.MemberOf(member))
	}
	if page.Next != 0 {
		out.Next = page.Next.String()
	}
	return out, nil
}

type addMembers struct {
	Room myna.RoomID `path:"room"`
	Body wire.AddMembers
}

func (a *API) addMembers(c *call, in *addMembers) (none, error) {
	return none{}, a.chat.AddMembers(c.ctx(), c.principal, in.Room, in.Body.Users)
}

type memberInput struct {
	Room myna.RoomID `path:"room"`
	User myna.UserID `path:"user"`
}

func (a *API) removeMember(c *call, in *memberInput) (none, error) {
	return none{}, a.chat.RemoveMember(c.ctx(), c.principal, in.Room, in.User)
}

type updateMembership struct {
	Room myna.RoomID `path:"room"`
	Body wire.UpdateMembership
}

func (a *API) updateMembership(c *call, in *updateMembership) (wire.Membership, error) {
	membership, err := a.chat.UpdateMembership(c.ctx(), c.principal, in.Room, chat.MembershipPatch(in.Body))
	return wire.MembershipOf(membership), err
}
