package httpapi

import (
	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/wire"
)

type historyInput struct {
	Room   myna.RoomID `path:"room"`
	Before *int64      `query:"before" minimum:"1" doc:"Messages before this seq."`
	After  *int64      `query:"after" doc:"Messages after this seq; 0 for the first ones."`
	Around *int64      `query:"around" minimum:"1" doc:"Messages on both sides of this seq, and it."`
	Limit  int         `query:"limit" maximum:"200" doc:"Messages a page; 50 if left out."`
}

// place says which part of the history is meant.
func (in *historyInput) place() (chat.HistoryQuery, error) {
	q := chat.HistoryQuery{Limit: orPage(in.Limit)}
	given := 0
	for _, side := range []struct{ from, to *int64 }{{in.Before, &q.Before}, {in.After, &q.After}, {in.Around, &q.Around}} {
		if side.from != nil {
			*side.to = *side.from
			given++
		}
	}
	if given > 1 {
		return q, myna.Errorf(myna.Invalid, myna.CodeBadValue, "give only one of before, after and around")
	}
	if in.After != nil && *in.After == 0 {
		q.Before = int64(q.Limit) + 1 // seqs are dense from 1: these are the first ones
	}
	return q, nil
}

// historyPage is encoded by hand: it is the largest answer, and asked for most.
type historyPage chat.Page

func (p *historyPage) appendJSON(b []byte) ([]byte, error) {
	return wire.AppendPage(b, p.Messages, p.Head, p.Older, p.Newer), nil
}

func (a *API) history(c *call, in *historyInput) (historyPage, error) {
	where, err := in.place()
	if err != nil {
		return historyPage{}, err
	}
	page, err := a.chat.History(c.ctx(), c.principal, in.Room, where)
	return historyPage(page), err
}

type postMessage struct {
	Room myna.RoomID `path:"room"`
	Body wire.PostMessage
}

func (a *API) postMessage(c *call, in *postMessage) (wire.Posted, error) {
	posted, err := a.chat.Post(c.ctx(), c.principal, chat.PostInput{Room: in.Room, Nonce: in.Body.Nonce, Text: in.Body.Text})
	return wire.Posted(posted), err
}

type messageInput struct {
	Room myna.RoomID `path:"room"`
	Seq  int64       `path:"seq" minimum:"1"`
}

func (a *API) message(c *call, in *messageInput) (wire.Message, error) {
	message, err := a.chat.Message(c.ctx(), c.principal, in.Room, in.Seq)
	return wire.MessageOf(message), err
}

type editMessage struct {
	Room myna.RoomID `path:"room"`
	Seq  int64       `path:"seq" minimum:"1"`
	Body wire.EditMessage
}

func (a *API) editMessage(c *call, in *editMessage) (wire.Message, error) {
	message, err := a.chat.Edit(c.ctx(), c.principal, in.Room, in.Seq, in.Body.Text)
	return wire.MessageOf(message), err
}

func (a *API) deleteMessage(c *call, in *messageInput) (wire.Message, error) {
	message, err := a.chat.Delete(c.ctx(), c.principal, in.Room, in.Seq)
	return wire.MessageOf(message), err
}

type setRead struct {
	Room myna.RoomID `path:"room"`
	Body wire.SetRead
}

func (a *API) markRead(c *call, in *setRead) (wire.Membership, error) {
	membership, err := a.chat.MarkRead(c.ctx(), c.principal, in.Room, in.Body.Seq, in.Body.Unread)
	return wire.MembershipOf(membership), err
}

func (a *API) counts(c *call, in *roomInput) (wire.Counts, error) {
	counts, err := a.chat.Counts(c.ctx(), c.principal, in.Room)
	return wire.Counts(counts), err
}

type setDraft struct {
	Room myna.RoomID `path:"room"`
	Body wire.SetDraft
}

func (a *API) setDraft(c *call, in *setDraft) (wire.Draft, error) {
	draft, err := a.chat.SetDraft(c.ctx(), c.principal, in.Room, in.Body.Text)
	return wire.DraftOf(draft), err
}
