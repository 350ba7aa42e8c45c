package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/e2e/person"
	"github.com/myna-chat/myna/wire"
)

// verb is something a person does or sees. It gets between least and most words; most -1 is any number.
type verb struct {
	usage       string
	least, most int
	do          func(s *story, ctx context.Context, d *device, args []string) error
}

// verbs are all there are: what people do stands in this file, what they see in sees_test.go.
func verbs() map[string]verb {
	all := map[string]verb{
		"say":         {"say #room TEXT", 2, 2, (*story).say},
		"say-again":   {"say-again #room TEXT", 2, 2, (*story).sayAgain},
		"write":       {"write #room TEXT (over REST)", 2, 2, (*story).write},
		"edit":        {"edit #room SEQ TEXT", 3, 3, (*story).edit},
		"delete":      {"delete #room SEQ", 2, 2, (*story).deleteMessage},
		"read":        {"read #room SEQ", 2, 2, (*story).read},
		"mark-unread": {"mark-unread #room SEQ", 2, 2, (*story).markUnread},
		"type":        {"type #room", 1, 1, (*story).typeIn},
		"focus":       {"focus #room|nothing|away", 1, 1, (*story).focus},
		"watch":       {"watch NAME…", 1, -1, (*story).watch},
		"create":      {"create #room open|closed [TOPIC]", 2, 3, (*story).create},
		"talk-to":     {"talk-to ~label NAME…", 1, -1, (*story).talkTo},
		"join":        {"join #room", 1, 1, (*story).join},
		"leave":       {"leave #room", 1, 1, (*story).leave},
		"add":         {"add NAME #room", 2, 2, (*story).add},
		"remove":      {"remove NAME #room", 2, 2, (*story).remove},
		"rename":      {"rename #room NAME", 2, 2, (*story).rename},
		"topic":       {"topic #room TEXT", 2, 2, (*story).topic},
		"archive":     {"archive #room", 1, 1, (*story).archive},
		"bring-back":  {"bring-back #room", 1, 1, (*story).bringBack},
		"favorite":    {"favorite #room", 1, 1, (*story).favorite},
		"mute":        {"mute #room", 1, 1, (*story).mute},
		"draft":       {"draft #room TEXT", 2, 2, (*story).draft},
		"is-called":   {"is-called NAME", 1, 1, (*story).isCalled},
		"prefers":     {"prefers theme|language|enter_key VALUE", 2, 2, (*story).prefers},
		"opens-to":    {"opens-to open|invite|closed", 1, 1, (*story).opensTo},
		"invites":     {"invites LABEL USES", 2, 2, (*story).invites},
		"registers":   {"registers [INVITE]", 0, 1, (*story).registers},
		"logs-in":     {"logs-in [PASSWORD]", 0, 1, (*story).logsIn},
		"logs-out":    {"logs-out", 0, 0, (*story).logsOut},
		"password":    {"password OLD NEW", 2, 2, (*story).password},
		"ends-others": {"ends-others", 0, 0, (*story).endsOthers},
		"connects":    {"connects", 0, 0, (*story).connects},
		"disconnects": {"disconnects", 0, 0, (*story).disconnects},
	}
	for name, v := range sights() {
		all[name] = v
	}
	return all
}

// inRoom finds the room an act is about, in its first word.
func (s *story) inRoom(args []string) (myna.RoomID, string, error) {
	room, err := s.room(args[0])
	return room, "/rooms/" + room.String(), err
}

func (s *story) say(ctx context.Context, d *device, args []string) error {
	room, _, err := s.inRoom(args)
	if err != nil {
		return err
	}
	d.lastNonce = person.NewNonce()
	d.lastAck, err = d.Post(ctx, room, d.lastNonce, args[1])
	return err
}

// sayAgain sends the last nonce once more and wants the first answer.
func (s *story) sayAgain(ctx context.Context, d *device, args []string) error {
	room, _, err := s.inRoom(args)
	if err != nil {
		return err
	}
	again, err := d.Post(ctx, room, d.lastNonce, args[1])
	if err == nil && again != d.lastAck {
		return fmt.Errorf("the same nonce was answered %+v, and before %+v", again, d.lastAck)
	}
	return err
}

func (s *story) write(ctx context.Context, d *device, args []string) error {
	_, path, err := s.inRoom(args)
	if err != nil {
		return err
	}
	d.lastNonce = person.NewNonce()
	var posted wire.Posted
	err = d.Call(ctx, http.MethodPost, path+"/messages", wire.PostMessage{Nonce: d.lastNonce, Text: args[1]}, &posted)
	d.lastAck = wire.Ack{
		Type: wire.FrameAck, Nonce: d.lastNonce,
		Room: posted.Room, Seq: posted.Seq, Rev: posted.Rev, CreatedAt: posted.CreatedAt,
	}
	return err
}

func (s *story) edit(ctx context.Context, d *device, args []string) error {
	_, path, err := s.inRoom(args)
	if err != nil {
		return err
	}
	return d.Call(ctx, http.MethodPatch, path+"/messages/"+args[1], wire.EditMessage{Text: args[2]}, nil)
}

func (s *story) deleteMessage(ctx context.Context, d *device, args []string) error {
	_, path, err := s.inRoom(args)
	if err != nil {
		return err
	}
	return d.Call(ctx, http.MethodDelete, path+"/messages/"+args[1], nil, nil)
}

func (s *story) read(ctx context.Context, d *device, args []string) error {
	return s.mark(ctx, d, args, false)
}

func (s *story) markUnread(ctx context.Context, d *device, args []string) error {
	return s.mark(ctx, d, args, true)
}

func (s *story) mark(ctx context.Context, d *device, args []string, unread bool) error {
	room, _, err := s.inRoom(args)
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	return d.SendFrame(ctx, wire.Read{Type: wire.FrameRead, Room: room, Seq: seq, Unread: unread})
}

func (s *story) typeIn(ctx context.Context, d *device, args []string) error {
	room, _, err := s.inRoom(args)
	if err != nil {
		return err
	}
	return d.SendFrame(ctx, wire.Typing{Type: wire.FrameTyping, Room: room})
}

func (s *story) focus(ctx context.Context, d *device, args []string) error {
	frame := wire.Focus{Type: wire.FrameFocus, Active: args[0] != "away"}
	if args[0] != "away" && args[0] != "nothing" {
		room, _, err := s.inRoom(args)
		if err != nil {
			return err
		}
		frame.Room = room
	}
	if err := d.SendFrame(ctx, frame); err != nil {
		return err
	}
	return d.Fence(ctx)
}

func (s *story) watch(ctx context.Context, d *device, args []string) error {
	users, err := s.users(args)
	if err != nil {
		return err
	}
	if err := d.SendFrame(ctx, wire.Watch{Type: wire.FrameWatch, Users: users}); err != nil {
		return err
	}
	return d.Fence(ctx)
}

func (s *story) create(ctx context.Context, d *device, args []string) error {
	in := wire.CreateRoom{Nonce: person.NewNonce(), Kind: args[1], Name: strings.TrimPrefix(args[0], "#")}
	if len(args) == 3 {
		in.Topic = args[2]
	}
	return s.made(ctx, d, args[0], in)
}

// talkTo makes or finds the conversation with people; with nobody it is the note to self.
func (s *story) talkTo(ctx context.Context, d *device, args []string) error {
	users, err := s.users(args[1:])
	if err != nil {
		return err
	}
	return s.made(ctx, d, args[0], wire.CreateRoom{Nonce: person.NewNonce(), Kind: "direct", Members: users})
}

func (s *story) made(ctx context.Context, d *device, label string, in wire.CreateRoom) error {
	room, err := d.Create(ctx, in)
	if err != nil {
		return err
	}
	if known, ok := s.rooms[label]; ok && known != room.Room.ID && in.Kind == "direct" {
		return fmt.Errorf("this is %s, but %s is %s", room.Room.ID, label, known)
	}
	s.rooms[label] = room.Room.ID
	again, err := d.Create(ctx, in)
	if err == nil && again.Room.ID != room.Room.ID {
		return fmt.Errorf("the same nonce made another room")
	}
	return err
}

func (s *story) join(ctx context.Context, d *device, args []string) error {
	return s.post(ctx, d, args[0], "/join", nil)
}

func (s *story) leave(ctx context.Context, d *device, args []string) error {
	return s.post(ctx, d, args[0], "/leave", nil)
}

func (s *story) post(ctx context.Context, d *device, label, rest string, body any) error {
	_, path, err := s.inRoom([]string{label})
	if err != nil {
		return err
	}
	return d.Call(ctx, http.MethodPost, path+rest, body, nil)
}

func (s *story) add(ctx context.Context, d *device, args []string) error {
	users, err := s.users(args[:1])
	if err != nil {
		return err
	}
	return s.post(ctx, d, args[1], "/members", wire.AddMembers{Users: users})
}

func (s *story) remove(ctx context.Context, d *device, args []string) error {
	user, err := s.user(args[0])
	if err != nil {
		return err
	}
	_, path, err := s.inRoom(args[1:])
	if err != nil {
		return err
	}
	return d.Call(ctx, http.MethodDelete, path+"/members/"+user.String(), nil, nil)
}

func (s *story) rename(ctx context.Context, d *device, args []string) error {
	name := strings.TrimPrefix(args[1], "#")
	if err := s.patch(ctx, d, args[0], "", wire.UpdateRoom{Name: &name}); err != nil {
		return err
	}
	s.rooms[args[1]] = s.rooms[args[0]]
	return nil
}

func (s *story) topic(ctx context.Context, d *device, args []string) error {
	return s.patch(ctx, d, args[0], "", wire.UpdateRoom{Topic: &args[1]})
}

func (s *story) archive(ctx context.Context, d *device, args []string) error {
	yes := true
	return s.patch(ctx, d, args[0], "", wire.UpdateRoom{Archived: &yes})
}

func (s *story) bringBack(ctx context.Context, d *device, args []string) error {
	no := false
	return s.patch(ctx, d, args[0], "", wire.UpdateRoom{Archived: &no})
}

func (s *story) favorite(ctx context.Context, d *device, args []string) error {
	yes := true
	return s.patch(ctx, d, args[0], "/membership", wire.UpdateMembership{Favorite: &yes})
}

func (s *story) mute(ctx context.Context, d *device, args []string) error {
	yes := true
	return s.patch(ctx, d, args[0], "/membership", wire.UpdateMembership{Muted: &yes})
}

func (s *story) patch(ctx context.Context, d *device, label, rest string, body any) error {
	_, path, err := s.inRoom([]string{label})
	if err != nil {
		return err
	}
	return d.Call(ctx, http.MethodPatch, path+rest, body, nil)
}

func (s *story) draft(ctx context.Context, d *device, args []string) error {
	_, path, err := s.inRoom(args)
	if err != nil {
		return err
	}
	return d.Call(ctx, http.MethodPut, path+"/draft", wire.SetDraft{Text: args[1]}, nil)
}

func (s *story) isCalled(ctx context.Context, d *device, args []string) error {
	return d.Call(ctx, http.MethodPatch, "/me", wire.UpdateProfile{Name: &args[0]}, nil)
}

func (s *story) prefers(ctx context.Context, d *device, args []string) error {
	return d.Call(ctx, http.MethodPatch, "/me/preferences", map[string]string{args[0]: args[1]}, nil)
}

func (s *story) opensTo(ctx context.Context, d *device, args []string) error {
	return d.Call(ctx, http.MethodPatch, "/settings", wire.UpdateSettings{Registration: &args[0]}, nil)
}

// invites makes an invite link; its code is then $LABEL.
func (s *story) invites(ctx context.Context, d *device, args []string) error {
	uses, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	code, err := d.Invite(ctx, uses)
	s.ts.Setenv(args[0], code)
	return err
}

func (s *story) registers(ctx context.Context, d *device, args []string) error {
	code := ""
	if len(args) == 1 {
		code = args[0]
	}
	if err := d.Register(ctx, d.username, d.password, code); err != nil {
		return err
	}
	return d.Connect(ctx)
}

func (s *story) logsIn(ctx context.Context, d *device, args []string) error {
	password := d.password
	if len(args) == 1 {
		password = args[0]
	}
	if err := d.Login(ctx, d.username, password); err != nil {
		return err
	}
	d.password = password
	return nil
}

func (s *story) logsOut(ctx context.Context, d *device, _ []string) error { return d.Logout(ctx) }

func (s *story) password(ctx context.Context, d *device, args []string) error {
	change := wire.ChangePassword{Old: args[0], New: args[1]}
	if err := d.Call(ctx, http.MethodPut, "/me/password", change, nil); err != nil {
		return err
	}
	d.password = args[1]
	return nil
}

func (s *story) endsOthers(ctx context.Context, d *device, _ []string) error {
	return d.Call(ctx, http.MethodDelete, "/sessions", nil, nil)
}

func (s *story) connects(ctx context.Context, d *device, _ []string) error {
	if d.Connected() {
		return errors.New("is connected already")
	}
	return d.Connect(ctx)
}

func (s *story) disconnects(_ context.Context, d *device, _ []string) error {
	d.Disconnect()
	return nil
}
