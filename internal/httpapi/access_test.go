package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// inRoomCalls is a body that would do for every route about a room; nil where none is sent. A route that
// is missing here fails TestRoomsAreShut.
func inRoomCalls(someone myna.UserID) map[string]any {
	yes, topic := true, "seen"
	return map[string]any{
		"room": nil, "update_room": wire.UpdateRoom{Topic: &topic}, "join_room": nil, "leave_room": nil,
		"members": nil, "add_members": wire.AddMembers{Users: []myna.UserID{someone}}, "remove_member": nil,
		"update_membership": wire.UpdateMembership{Muted: &yes}, "mark_read": wire.SetRead{Seq: 1}, "counts": nil,
		"set_draft": wire.SetDraft{Text: "x"}, "history": nil, "post_message": wire.PostMessage{Nonce: nonce(), Text: "x"},
		"message": nil, "edit_message": wire.EditMessage{Text: "x"}, "delete_message": nil, "changes": nil,
	}
}

// cast is a server with people who stand in every relation to its rooms.
type cast struct {
	*house
	ann                                  *person // the owner, who made the rooms
	member, stranger, removed, shut      *person
	closed, open, group, pair, neverMade myna.RoomID
}

func newCast(t *testing.T) *cast {
	h := newHouse(t, "https://myna.example", func(o *Options) { o.Rates.User = Rate{10_000, 10_000} })
	c := &cast{house: h, ann: h.owner(), neverMade: 1}
	c.member, c.stranger = c.ann.friend("fay"), c.ann.friend("eve")
	c.removed, c.shut = c.ann.friend("bob"), c.ann.friend("dan")
	people := []myna.UserID{c.member.user.ID, c.removed.user.ID, c.shut.user.ID}
	c.closed = c.ann.channel("closed", "secret", people...).Room.ID
	c.open = c.ann.channel("open", "plaza", people...).Room.ID
	c.group = c.ann.channel("direct", "", people...).Room.ID
	c.pair = c.ann.channel("direct", "", c.member.user.ID).Room.ID
	for _, room := range []myna.RoomID{c.closed, c.open, c.group} {
		c.ann.say(room, "one @bob")
		c.removed.say(room, "two")
	}
	for _, room := range []myna.RoomID{c.closed, c.open} {
		ask[none](c.ann, remove, "/rooms/"+room.String()+"/members/"+c.removed.user.ID.String(), nil)
	}
	ask[none](c.removed, post, "/rooms/"+c.group.String()+"/leave", nil)
	if _, err := h.auth.SetDisabled(context.Background(), c.shut.user.ID, true); err != nil {
		t.Fatal(err)
	}
	return c
}

// at fills in a route's path for a room.
func (c *cast) at(path string, room myna.RoomID) string {
	return strings.NewReplacer(
		"{room}", room.String(), "{scope}", room.String(), "{seq}", "2", "{user}", c.ann.user.ID.String(),
	).Replace(path)
}

// heads are where ann's rooms stand: a refusal must not move them.
func (c *cast) heads() map[myna.RoomID]int64 {
	heads := map[myna.RoomID]int64{}
	for _, room := range ask[wire.Sync](c.ann, get, "/sync", nil).Rooms {
		heads[room.Room.ID] = room.Head
	}
	return heads
}

// TestRoomsAreShut asks for everything there is about a room, as people who are not in it: each answer is
// 404 and, byte by byte, the one for a room that was never made.
func TestRoomsAreShut(t *testing.T) {
	c := newCast(t)
	before := c.heads()
	calls := inRoomCalls(c.stranger.user.ID)
	for _, r := range c.api.routes() {
		if r.access != inRoom {
			continue
		}
		body, known := calls[r.id]
		if !known {
			t.Errorf("%s %s is new: say here what a stranger may send there", r.method, r.path)
			continue
		}
		for who, p := range map[string]*person{"stranger": c.stranger, "removed member": c.removed} {
			nowhere := p.do(r.method, c.at(r.path, c.neverMade), body)
			for place, room := range map[string]myna.RoomID{"closed": c.closed, "open": c.open, "group": c.group, "pair": c.pair} {
				if place == "open" && r.id == "join_room" {
					continue // they may
				}
				p.refused(http.StatusNotFound, myna.CodeNotFound, r.method, c.at(r.path, room), body)
				got := p.do(r.method, c.at(r.path, room), body)
				if place != "open" && got.Body.String() != nowhere.Body.String() {
					t.Errorf("%s, %s %s: a %s room is answered %s, one that does not exist %s",
						who, r.method, r.path, place, got.Body, nowhere.Body)
				}
			}
		}
	}
	after := c.heads()
	for room, head := range before {
		if after[room] != head {
			t.Errorf("room %s moved from %d to %d", room, head, after[room])
		}
	}
}

// TestWhatIsOthers: nobody sees into somebody else's scope or ends their sessions.
func TestWhatIsOthers(t *testing.T) {
	c := newCast(t)
	for _, p := range []*person{c.ann, c.stranger} { // the owner neither
		p.refused(http.StatusNotFound, myna.CodeNotFound, get, "/scopes/"+c.member.user.ID.String()+"/changes", nil)
		p.refused(http.StatusNotFound, myna.CodeNotFound, get, "/scopes/"+myna.UserID(1).String()+"/changes", nil)
	}
	theirs := ask[wire.Sessions](c.member, get, "/sessions", nil).Sessions[0].ID
	c.ann.refused(http.StatusNotFound, myna.CodeNotFound, remove, "/sessions/"+theirs.String(), nil)
	ask[wire.User](c.member, get, "/me", nil)
	c.removed.refused(http.StatusNotFound, myna.CodeNotFound, get, "/rooms/"+c.closed.String()+"/messages/2", nil) // their own
	for _, room := range ask[wire.Sync](c.removed, get, "/sync", nil).Rooms {
		if slices.Contains([]myna.RoomID{c.closed, c.open, c.group}, room.Room.ID) {
			t.Errorf("a removed member still finds %s", room.Room.ID)
		}
	}
	for _, room := range ask[wire.BrowsedRooms](c.stranger, get, "/rooms", nil).Rooms {
		if room.Room.Kind != "open" {
			t.Errorf("browsing shows %+v", room)
		}
	}
}

// TestPlainMembers are told what they may not do, and it is not done.
func TestPlainMembers(t *testing.T) {
	c := newCast(t)
	topic, yes, open := "mine", true, "open"
	secret, plaza, pair := "/rooms/"+c.closed.String(), "/rooms/"+c.open.String(), "/rooms/"+c.pair.String()
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{patch, secret, wire.UpdateRoom{Topic: &topic}},
		{patch, secret, wire.UpdateRoom{Archived: &yes}},
		{patch, plaza, wire.UpdateRoom{Topic: &topic}},
		{patch, pair, wire.UpdateRoom{Topic: &topic}},
		{remove, secret + "/members/" + c.ann.user.ID.String(), nil},
		{patch, secret + "/messages/1", wire.EditMessage{Text: "x"}},
		{remove, secret + "/messages/1", nil},
		{remove, "/rooms/" + c.group.String() + "/messages/1", nil},
		{post, pair + "/leave", nil},
		{post, pair + "/members", wire.AddMembers{Users: []myna.UserID{c.stranger.user.ID}}},
		{patch, "/settings", wire.UpdateSettings{Registration: &open}},
		{get, "/invites", nil},
		{post, "/invites", wire.CreateInvite{}},
		{remove, "/invites/" + myna.InviteID(1).String(), nil},
	} {
		c.member.refused(http.StatusForbidden, myna.CodeDenied, call.method, call.path, call.body)
	}
	c.ann.refused(http.StatusForbidden, myna.CodeDenied, patch, "/rooms/"+c.group.String()+"/messages/2", wire.EditMessage{Text: "x"})
	c.ann.refused(http.StatusForbidden, myna.CodeDenied, remove, "/rooms/"+c.group.String()+"/messages/2", nil)
}

// TestDisabledPeople: every door is shut at once, with the cookie and with a token, and only who knows the
// password learns why.
func TestDisabledPeople(t *testing.T) {
	c := newCast(t)
	calls := inRoomCalls(c.stranger.user.ID)
	for _, r := range c.api.routes() {
		if r.access != session && r.access != inRoom {
			continue
		}
		c.shut.refused(http.StatusUnauthorized, myna.CodeSessionEnded, r.method, example(c.at(r.path, c.closed)), calls[r.id])
	}
	again := c.nobody()
	again.refused(http.StatusForbidden, myna.CodeDisabled, post, "/sessions", wire.Login{Username: "dan", Password: goodPassword})
	again.refused(http.StatusUnauthorized, myna.CodeWrongLogin, post, "/sessions", wire.Login{Username: "dan", Password: goodPassword + "!"})
	if len(again.cookies) != 0 {
		t.Errorf("got cookies: %v", again.cookies)
	}
	c.ann.refused(http.StatusNotFound, myna.CodeNotFound, post, "/rooms/"+c.closed.String()+"/members", wire.AddMembers{Users: []myna.UserID{c.shut.user.ID, myna.UserID(1)}})
	c.ann.refused(http.StatusNotFound, myna.CodeNotFound, post, "/rooms", wire.CreateRoom{Nonce: nonce(), Kind: "direct", Members: []myna.UserID{c.shut.user.ID}})

	link, err := c.auth.ResetLink(context.Background(), c.shut.user.ID)
	if err != nil {
		t.Fatal(err)
	}
	ask[wire.User](again, post, "/password-reset", wire.ResetPassword{Token: link, Password: goodPassword + "8"})
	again.refused(http.StatusForbidden, myna.CodeDisabled, post, "/sessions", wire.Login{Username: "dan", Password: goodPassword + "8"})
}

// TestLoadAccountsElsewhere: what a load test left in the database is limited like anybody on a server
// that allows no load tests.
func TestLoadAccountsElsewhere(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", func(o *Options) { o.Rates.User = Rate{0.01, 2} })
	made, err := h.auth.LoadAccounts(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	p := h.nobody()
	p.token = made[0].Token
	for range 2 {
		ask[wire.User](p, get, "/me", nil)
	}
	p.refused(http.StatusTooManyRequests, myna.CodeTooMany, get, "/me", nil)
}

// TestEnter is how the WebSocket's requests are counted: together with the person's others, and guesses
// by their address.
func TestEnter(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", func(o *Options) { o.Rates = Rates{User: Rate{0.01, 3}, Address: Rate{0.01, 9}} })
	ann := h.owner()
	enter := func(token string) string {
		r, _ := http.NewRequest(get, "/api/v1/live", nil)
		r.RemoteAddr = "203.0.113.5:99"
		r.Header.Set("Cookie", plainCookie+"="+token)
		_, _, err := h.api.Enter(r)
		if err == nil {
			return ""
		}
		return myna.AsError(err).Code
	}
	for i := range 5 {
		want := ""
		if i >= 3 {
			want = myna.CodeTooMany
		}
		if got := enter(ann.cookies[plainCookie]); got != want {
			t.Errorf("connection %d: %q, want %q", i+1, got, want)
		}
	}
	for i := range 12 {
		want := myna.CodeNoSession
		if i >= 9 {
			want = myna.CodeTooMany
		}
		if got := enter("myna_s_guess"); got != want {
			t.Errorf("guess %d: %q, want %q", i+1, got, want)
		}
	}
}
