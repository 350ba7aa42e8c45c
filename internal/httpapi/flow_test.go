package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// TestFirstDay is the main story: set up, invite, talk, read, catch up, leave.
func TestFirstDay(t *testing.T) {
	h := newHouse(t, "https://myna.example/chat", nil)
	if server := ask[wire.Server](h.nobody(), get, "/server", nil); !server.NeedsSetup || server.PlainHTTP || server.Version != "test" {
		t.Errorf("before setup: %+v", server)
	}
	ann := h.owner()
	bob := ann.friend("bob")
	if server := ask[wire.Server](h.nobody(), get, "/server", nil); server.NeedsSetup || server.Name != "Nest" {
		t.Errorf("after setup: %+v", server)
	}

	nest := ann.channel("closed", "Nest building")
	room := nest.Room.ID
	path := "/rooms/" + room.String()
	bob.refused(http.StatusNotFound, myna.CodeNotFound, get, path, nil)
	ask[none](ann, post, path+"/members", wire.AddMembers{Users: []myna.UserID{bob.user.ID}})

	sent := wire.PostMessage{Nonce: nonce(), Text: "twigs? @bob"}
	first := ask[wire.Posted](ann, post, path+"/messages", sent)
	if again := ask[wire.Posted](ann, post, path+"/messages", sent); again != first || first.Seq != 1 {
		t.Errorf("repeated: %+v, first %+v", again, first)
	}
	if counts := ask[wire.Counts](bob, get, path+"/counts", nil); counts != (wire.Counts{Unread: 1, Mentions: 1}) {
		t.Errorf("bob's counts: %+v", counts)
	}
	for i := range 4 {
		bob.say(room, "twig "+strconv.Itoa(i))
	}
	page := ask[wire.Page](ann, get, path+"/messages?before=4&limit=2", nil)
	if len(page.Messages) != 2 || page.Messages[0].Seq != 2 || !page.Older || !page.Newer || page.LastSeq != 5 {
		t.Errorf("page before 4: %+v", page)
	}
	for query, want := range map[string][]int64{
		"after=0&limit=2": {1, 2}, "after=4": {5}, "around=3&limit=2": {3, 4}, "limit=1": {5}, "before=1": nil,
	} {
		page := ask[wire.Page](ann, get, path+"/messages?"+query, nil)
		var seqs []int64
		for _, m := range page.Messages {
			seqs = append(seqs, m.Seq)
		}
		if !slices.Equal(seqs, want) {
			t.Errorf("%s gives %v, want %v", query, seqs, want)
		}
	}
	edited := ask[wire.Message](ann, patch, path+"/messages/1", wire.EditMessage{Text: "sticks?"})
	if edited.Text != "sticks?" || edited.EditedAt.IsZero() || edited.Rev <= first.Rev {
		t.Errorf("edited: %+v", edited)
	}
	bob.refused(http.StatusForbidden, myna.CodeDenied, patch, path+"/messages/1", wire.EditMessage{Text: "mine"})
	gone := ask[wire.Message](bob, remove, path+"/messages/2", nil)
	if gone.Text != "" || gone.DeletedAt.IsZero() {
		t.Errorf("deleted: %+v", gone)
	}
	if got := ask[wire.Message](ann, get, path+"/messages/2", nil); got.DeletedAt != gone.DeletedAt {
		t.Errorf("tombstone: %+v", got)
	}
	if mark := ask[wire.Membership](bob, put, path+"/read", wire.SetRead{Seq: 5}); mark.ReadSeq != 5 {
		t.Errorf("read mark: %+v", mark)
	}
	if draft := ask[wire.Draft](bob, put, path+"/draft", wire.SetDraft{Text: "and then"}); draft.Text != "and then" {
		t.Errorf("draft: %+v", draft)
	}
	star := true
	if m := ask[wire.Membership](bob, patch, path+"/membership", wire.UpdateMembership{Favorite: &star}); !m.Favorite {
		t.Errorf("membership: %+v", m)
	}
	bob.checkSync(room)
	ask[none](bob, post, path+"/leave", nil)
	bob.refused(http.StatusNotFound, myna.CodeNotFound, get, path+"/messages", nil)
}

// checkSync compares the first screen with what happened in TestFirstDay.
func (p *person) checkSync(room myna.RoomID) {
	p.t.Helper()
	all := ask[wire.Sync](p, get, "/sync", nil)
	if all.Me.ID != p.user.ID || all.Session == 0 || all.Settings.Name != "Nest" || len(all.Drafts) != 1 {
		p.t.Errorf("sync: %+v", all)
	}
	for _, line := range all.Rooms {
		if line.Room.ID != room {
			continue
		}
		if line.LastSeq != 5 || line.Unread != 0 || !line.Membership.Favorite || line.LastAt.IsZero() {
			p.t.Errorf("room in sync: %+v", line)
		}
		changes := ask[wire.ChangePage](p, get, "/scopes/"+room.String()+"/changes?limit=3", nil)
		if len(changes.Rows) != 3 || !changes.More || changes.Head != line.Head || changes.Rows[0].Rev > changes.Rows[1].Rev {
			p.t.Errorf("changes: %+v", changes)
		}
		return
	}
	p.t.Errorf("the room is missing in sync: %+v", all.Rooms)
}

func TestRooms(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	ann := h.owner()
	bob := ann.friend("bob")
	open := ann.channel("open", "Berries")
	path := "/rooms/" + open.Room.ID.String()

	found := ask[wire.BrowsedRooms](bob, get, "/rooms?q=berr", nil)
	if len(found.Rooms) != 1 || found.Rooms[0].Joined || found.Rooms[0].Members != 1 {
		t.Errorf("browse: %+v", found)
	}
	first := ask[wire.BrowsedRooms](bob, get, "/rooms?limit=1", nil)
	second := ask[wire.BrowsedRooms](bob, get, "/rooms?limit=1&after="+first.Next, nil)
	if first.Next == "" || second.Rooms[0].Room.ID == first.Rooms[0].Room.ID || second.Next != "" {
		t.Errorf("pages: %+v, %+v", first, second)
	}
	if joined := ask[wire.FollowedRoom](bob, post, path+"/join", nil); joined.Room.ID != open.Room.ID {
		t.Errorf("joined: %+v", joined)
	}
	people := ask[wire.Members](ann, get, path+"/members", nil)
	if len(people.Members) != 2 || people.Next != "" || people.Head == 0 {
		t.Errorf("members: %+v", people)
	}
	topic, yes := "sweet and sour", true
	bob.refused(http.StatusForbidden, myna.CodeDenied, patch, path, wire.UpdateRoom{Topic: &topic})
	if room := ask[wire.Room](ann, patch, path, wire.UpdateRoom{Topic: &topic}); room.Topic != topic {
		t.Errorf("updated: %+v", room)
	}
	ask[none](ann, remove, path+"/members/"+bob.user.ID.String(), nil)
	bob.refused(http.StatusNotFound, myna.CodeNotFound, get, path+"/counts", nil)
	if room := ask[wire.Room](ann, patch, path, wire.UpdateRoom{Archived: &yes}); room.ArchivedAt.IsZero() {
		t.Errorf("archived: %+v", room)
	}
	ann.refused(http.StatusConflict, myna.CodeArchived, post, path+"/messages", wire.PostMessage{Nonce: nonce(), Text: "anybody?"})
	ann.refused(http.StatusConflict, myna.CodeNameTaken, post, "/rooms", wire.CreateRoom{Nonce: nonce(), Kind: "open", Name: "berries"})

	direct := ann.channel("direct", "", bob.user.ID)
	again := ann.channel("direct", "", bob.user.ID)
	if direct.Room.ID != again.Room.ID || !direct.Room.Pair || len(direct.Members) != 2 {
		t.Errorf("one-to-one: %+v, again %+v", direct, again.Room)
	}
}

func TestSettingsAndProfile(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	ann := h.owner()
	bob := ann.friend("bob")
	name, open, dark, zh := "Bobby", "open", "dark", "zh-CN"
	if me := ask[wire.User](bob, patch, "/me", wire.UpdateProfile{Name: &name}); me.Name != name {
		t.Errorf("profile: %+v", me)
	}
	if seen := ask[wire.User](ann, get, "/users/"+bob.user.ID.String(), nil); seen.Name != name {
		t.Errorf("seen by others: %+v", seen)
	}
	if me := ask[wire.User](bob, get, "/me", nil); me.Name != name {
		t.Errorf("me: %+v", me)
	}
	if p := ask[wire.Preferences](bob, patch, "/me/preferences", wire.UpdatePreferences{Theme: &dark, Language: &zh}); p.Theme != dark || p.EnterKey != "send" {
		t.Errorf("preferences: %+v", p)
	}
	bob.refused(http.StatusBadRequest, myna.CodeBadValue, patch, "/me/preferences", wire.UpdatePreferences{Theme: &name})
	bob.refused(http.StatusForbidden, myna.CodeDenied, patch, "/settings", wire.UpdateSettings{Registration: &open})
	bob.refused(http.StatusForbidden, myna.CodeDenied, post, "/invites", wire.CreateInvite{})
	if s := ask[wire.Settings](ann, patch, "/settings", wire.UpdateSettings{Registration: &open}); s.Registration != open {
		t.Errorf("settings: %+v", s)
	}
	if s := ask[wire.Settings](bob, get, "/settings", nil); s.Registration != open {
		t.Errorf("settings: %+v", s)
	}
	cat := h.nobody()
	ask[wire.SignedIn](cat, post, "/users", wire.Register{Username: "cat", Password: goodPassword})
	ask[wire.Sync](cat, get, "/sync", nil)
}

func TestInvites(t *testing.T) {
	h := newHouse(t, "https://myna.example/chat", nil)
	ann := h.owner()
	made := ask[wire.Invite](ann, post, "/invites", wire.CreateInvite{Uses: 2, ExpiresIn: 3600})
	if made.URL != "https://myna.example/chat/invite/"+made.Code || made.UsesLeft != 2 {
		t.Errorf("made: %+v", made)
	}
	info := ask[wire.InviteInfo](h.nobody(), get, "/invites/"+made.Code+"/info", nil)
	if info.Server != "Nest" || info.Inviter != "ann" {
		t.Errorf("info: %+v", info)
	}
	if strings.Contains(h.log.String(), made.Code) {
		t.Error("the code of an invite stands in the log")
	}
	list := ask[wire.Invites](ann, get, "/invites", nil)
	if len(list.Invites) != 1 || list.Invites[0].Code != "" {
		t.Errorf("list: %+v", list)
	}
	ask[none](ann, remove, "/invites/"+made.ID.String(), nil)
	h.nobody().refused(http.StatusGone, myna.CodeInviteSpent, get, "/invites/"+made.Code+"/info", nil)
	ann.refused(http.StatusBadRequest, myna.CodeBadValue, post, "/invites", wire.CreateInvite{ExpiresIn: -1})
	ann.refused(http.StatusBadRequest, myna.CodeBadValue, post, "/invites", wire.CreateInvite{ExpiresIn: 1 << 62})
}

func TestSessions(t *testing.T) {
	h := newHouse(t, "https://myna.example", nil)
	ann := h.owner()
	h.nobody().refused(http.StatusUnauthorized, myna.CodeWrongLogin, post, "/sessions", wire.Login{Username: "ann", Password: "wrong-wrong-wrong"})
	h.nobody().refused(http.StatusUnauthorized, myna.CodeWrongLogin, post, "/sessions", wire.Login{Username: "nobody", Password: goodPassword})

	program := h.nobody()
	in := ask[wire.SignedIn](program, post, "/sessions", wire.Login{Username: "Ann", Password: goodPassword, Token: true})
	if in.Token == "" || len(program.cookies) != 0 || !in.Session.Current {
		t.Errorf("program: %+v, cookies %v", in, program.cookies)
	}
	program.token = in.Token
	phone := h.nobody()
	if in := ask[wire.SignedIn](phone, post, "/sessions", wire.Login{Username: "ann", Password: goodPassword}); in.Token != "" {
		t.Error("a browser got the token in the body")
	}
	list := ask[wire.Sessions](ann, get, "/sessions", nil)
	current := 0
	for _, s := range list.Sessions {
		if s.Current {
			current++
		}
	}
	if len(list.Sessions) != 3 || current != 1 {
		t.Errorf("sessions: %+v", list)
	}
	ask[none](ann, remove, "/sessions/"+in.Session.ID.String(), nil)
	program.refused(http.StatusUnauthorized, myna.CodeSessionEnded, get, "/me", nil)
	ask[none](ann, remove, "/sessions", nil)
	phone.refused(http.StatusUnauthorized, myna.CodeSessionEnded, get, "/me", nil)

	const better = "amber-kettle-moss-12"
	ann.refused(http.StatusBadRequest, myna.CodeWrongPassword, put, "/me/password", wire.ChangePassword{Old: better, New: better})
	ask[none](ann, put, "/me/password", wire.ChangePassword{Old: goodPassword, New: better})
	ask[wire.User](ann, get, "/me", nil)
	old := ann.cookies[secureCookie]
	ask[none](ann, remove, "/sessions/current", nil)
	if len(ann.cookies[secureCookie]) != 0 || ann.cookies[secureCookie+deviceSuffix] == "" {
		t.Errorf("cookies after signing out: %v", ann.cookies)
	}
	h.nobody().refused(http.StatusUnauthorized, myna.CodeSessionEnded, get, "/me", nil, "Cookie", secureCookie+"="+old)

	token, err := h.auth.ResetLink(context.Background(), ann.user.ID)
	if err != nil {
		t.Fatal(err)
	}
	if user := ask[wire.User](h.nobody(), post, "/password-reset", wire.ResetPassword{Token: token, Password: goodPassword}); user.Username != "ann" {
		t.Errorf("reset: %+v", user)
	}
	h.nobody().refused(http.StatusGone, myna.CodeLinkSpent, post, "/password-reset", wire.ResetPassword{Token: token, Password: better})
	ask[wire.SignedIn](ann, post, "/sessions", wire.Login{Username: "ann", Password: goodPassword})
	for _, word := range []string{goodPassword, better, token, in.Token} {
		if strings.Contains(h.log.String(), word) {
			t.Errorf("%q stands in the log", word)
		}
	}
}

func TestLoad(t *testing.T) {
	shut := newHouse(t, "http://localhost:8080", nil)
	shut.nobody().refused(http.StatusNotFound, myna.CodeNotFound, post, "/load", wire.CreateLoad{Users: 1})

	h := newHouse(t, "http://localhost:8080", func(o *Options) { o.Load, o.Rates.User = true, Rate{1, 1} })
	made := ask[wire.LoadMade](h.nobody(), post, "/load", wire.CreateLoad{Users: 5, Rooms: []wire.LoadRooms{{Count: 2, Size: 3}}})
	if len(made.Users) != 5 || len(made.Rooms) != 2 || made.PID == 0 {
		t.Fatalf("made: %+v", made)
	}
	for i, room := range made.Rooms {
		if len(room.Members) != 3 || room.Members[0] != i*3 {
			t.Errorf("room %d: %+v", i, room)
		}
		for _, seat := range room.Members {
			p := h.nobody()
			p.token = made.Users[seat].Token
			for range 3 { // rate limits do not apply
				p.say(room.ID, "hi")
			}
		}
	}
	h.nobody().refused(http.StatusBadRequest, myna.CodeBadValue, post, "/load", wire.CreateLoad{Users: 0})
	h.nobody().refused(http.StatusForbidden, myna.CodeDenied, post, "/load", wire.CreateLoad{Users: 1}, "X-Forwarded-For", "203.0.113.9")
}
