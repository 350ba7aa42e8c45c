package person

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// ErrOffline means that the device has no connection.
var ErrOffline = errors.New("the device is not connected")

// Post says something over the WebSocket and waits for the answer: an ack, or a Refusal.
func (d *Device) Post(ctx context.Context, room myna.RoomID, nonce myna.Nonce, text string) (wire.Ack, error) {
	d.mu.Lock()
	if d.conn == nil {
		d.mu.Unlock()
		return wire.Ack{}, ErrOffline
	}
	delete(d.answers, nonce)
	d.send(wire.Post{Type: wire.FramePost, Nonce: nonce, Room: room, Text: text})
	d.mu.Unlock()
	var got answer
	err := d.untilAnswered(ctx, func() bool {
		var ok bool
		got, ok = d.answers[nonce]
		return ok
	})
	if err != nil {
		return wire.Ack{}, err
	}
	if got.err != nil {
		return wire.Ack{}, &Refusal{ErrorBody: *got.err}
	}
	return got.ack, nil
}

// untilAnswered waits for ok, which is called with d.mu held, or for the end of the connection.
func (d *Device) untilAnswered(ctx context.Context, ok func() bool) error {
	var offline bool
	err := d.Until(ctx, func(*State) string {
		if ok() {
			return ""
		}
		offline = d.conn == nil
		if offline {
			return ""
		}
		return "the server does not answer"
	})
	if err == nil && offline {
		return ErrOffline
	}
	return err
}

// Fence returns when the server has answered a ping: what it sent before has been applied.
func (d *Device) Fence(ctx context.Context) error {
	d.mu.Lock()
	if d.conn == nil {
		d.mu.Unlock()
		return ErrOffline
	}
	before := d.pongs
	d.send(wire.Ping{Type: wire.FramePing})
	d.mu.Unlock()
	return d.untilAnswered(ctx, func() bool { return d.pongs > before })
}

// SendFrame sends any value, or a string as it is.
func (d *Device) SendFrame(ctx context.Context, frame any) error {
	d.mu.Lock()
	conn := d.conn
	if text, ok := frame.(string); ok && conn != nil {
		d.mu.Unlock()
		return conn.Write(ctx, websocket.MessageText, []byte(text))
	}
	defer d.mu.Unlock()
	if conn == nil {
		return ErrOffline
	}
	d.send(frame)
	return nil
}

// UntilError waits for an error frame without a nonce and returns it.
func (d *Device) UntilError(ctx context.Context) (wire.ErrorBody, error) {
	var body wire.ErrorBody
	err := d.Until(ctx, func(*State) string {
		if len(d.errors) == 0 {
			return "no error frame came"
		}
		body, d.errors = d.errors[0], d.errors[1:]
		return ""
	})
	return body, err
}

// UntilClosed waits for the server to close the connection and returns the close code.
func (d *Device) UntilClosed(ctx context.Context) (int, error) {
	var code websocket.StatusCode
	err := d.Until(ctx, func(*State) string {
		if d.conn != nil || d.closed == 0 {
			return "the server does not close the connection"
		}
		code = d.closed
		return ""
	})
	return int(code), err
}

// Look calls see with what the device knows now.
func (d *Device) Look(see func(*State) string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return see(&d.state)
}

// Connected says whether the WebSocket stands.
func (d *Device) Connected() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conn != nil
}

// Create makes a room.
func (d *Device) Create(ctx context.Context, in wire.CreateRoom) (wire.FollowedRoom, error) {
	var made wire.FollowedRoom
	err := d.Call(ctx, http.MethodPost, "/rooms", in, &made)
	return made, err
}

// History is a page of a room's messages, asked for over REST.
func (d *Device) History(ctx context.Context, room myna.RoomID, query url.Values) (wire.Page, error) {
	var page wire.Page
	err := d.get(ctx, roomPath(room, "/messages"), query, &page)
	return page, err
}

// Everything is a room's whole history, page by page from its beginning.
func (d *Device) Everything(ctx context.Context, room myna.RoomID) ([]wire.Message, error) {
	var all []wire.Message
	query := url.Values{"around": {"1"}, "limit": {"200"}}
	for {
		page, err := d.History(ctx, room, query)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Messages...)
		if !page.Newer || len(page.Messages) == 0 {
			return all, nil
		}
		last := page.Messages[len(page.Messages)-1].Seq
		query = url.Values{"after": {strconv.FormatInt(last, 10)}, "limit": {"200"}}
	}
}

// Counts are the unread messages and mentions of a room, as the server counts them.
func (d *Device) Counts(ctx context.Context, room myna.RoomID) (wire.Counts, error) {
	var counts wire.Counts
	err := d.get(ctx, roomPath(room, "/counts"), nil, &counts)
	return counts, err
}

// Invite makes an invite link and returns its code.
func (d *Device) Invite(ctx context.Context, uses int) (string, error) {
	var made wire.Invite
	err := d.Call(ctx, http.MethodPost, "/invites", wire.CreateInvite{Uses: uses}, &made)
	if err == nil && made.Code == "" {
		err = fmt.Errorf("the new invite has no code")
	}
	return made.Code, err
}
