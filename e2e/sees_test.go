package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/e2e/person"
	"github.com/myna-chat/myna/wire"
)

// sights are what people see. They wait for it, but for the ones that say "not", which look once after
// everything the server had sent was applied.
func sights() map[string]verb {
	return map[string]verb{
		"sees":          {"sees #room TEXT", 2, 2, (*story).sees},
		"does-not-see":  {"does-not-see #room TEXT", 2, 2, (*story).doesNotSee},
		"sees-deleted":  {"sees-deleted #room SEQ", 2, 2, (*story).seesDeleted},
		"sees-edited":   {"sees-edited #room TEXT", 2, 2, (*story).seesEdited},
		"sees-mention":  {"sees-mention #room TEXT NAME…", 2, -1, (*story).seesMention},
		"log":           {"log #room TEXT… (the newest ones; ✗ is a deleted one)", 2, -1, (*story).log},
		"history":       {"history #room before=N|after=N|around=N|newest LIMIT TEXT…", 3, -1, (*story).history},
		"agrees":        {"agrees #room (what was followed is what the server has)", 1, 1, (*story).agrees},
		"badge":         {"badge #room N unread|mention [N mention] | none", 2, 5, (*story).badge},
		"is-in":         {"is-in #room", 1, 1, (*story).isIn},
		"is-not-in":     {"is-not-in #room", 1, 1, (*story).isNotIn},
		"cannot-find":   {"cannot-find #room", 1, 1, (*story).cannotFind},
		"sees-room":     {"sees-room #room name|topic|kind|archived VALUE", 3, 3, (*story).seesRoom},
		"sees-people":   {"sees-people #room NAME…", 1, -1, (*story).seesPeople},
		"sees-read":     {"sees-read #room SEQ", 2, 2, (*story).seesRead},
		"sees-list":     {"sees-list #room favorite|muted", 2, 2, (*story).seesList},
		"sees-draft":    {"sees-draft #room TEXT", 2, 2, (*story).seesDraft},
		"sees-online":   {"sees-online NAME", 1, 1, presence(wire.Online)},
		"sees-away":     {"sees-away NAME", 1, 1, presence(wire.Away)},
		"sees-offline":  {"sees-offline NAME", 1, 1, presence(wire.Offline)},
		"sees-typing":   {"sees-typing #room NAME", 2, 2, (*story).seesTyping},
		"sees-name":     {"sees-name USERNAME NAME", 2, 2, (*story).seesName},
		"sees-settings": {"sees-settings open|invite|closed", 1, 1, (*story).seesSettings},
		"sees-theme":    {"sees-theme THEME", 1, 1, (*story).seesTheme},
		"browses":       {"browses QUERY NAME…", 1, -1, (*story).browses},
		"devices":       {"devices N", 1, 1, (*story).devices},
		"is-closed":     {"is-closed CODE", 1, 1, (*story).isClosed},
		"gets-error":    {"gets-error CODE", 1, 1, (*story).getsError},
		"sends":         {"sends FRAME", 1, 1, (*story).sends},
		"sends-bytes":   {"sends-bytes N (of one text frame)", 1, 1, (*story).sendsBytes},
	}
}

// untilRoom waits for something about a room that the device is in.
func (s *story) untilRoom(ctx context.Context, d *device, label string, ok func(*person.Room) string) error {
	room, err := s.room(label)
	if err != nil {
		return err
	}
	return d.Until(ctx, func(state *person.State) string {
		known := state.Rooms[room]
		if known == nil {
			return "is not in " + label
		}
		return ok(known)
	})
}

// missing says what is missing, unless it is there.
func missing(there bool, format string, args ...any) string {
	if there {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func (s *story) sees(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		_, found := room.Find(args[1])
		return missing(found, "does not see %q; the last are %q", args[1], room.Texts(10))
	})
}

func (s *story) doesNotSee(ctx context.Context, d *device, args []string) error {
	room, err := s.room(args[0])
	if err != nil {
		return err
	}
	if d.Connected() {
		if err := d.Fence(ctx); err != nil {
			return err
		}
	}
	seen := d.Look(func(state *person.State) string {
		known := state.Rooms[room]
		if known == nil {
			return ""
		}
		_, found := known.Find(args[1])
		return missing(!found, "sees %q", args[1])
	})
	if seen != "" {
		return errors.New(seen)
	}
	return nil
}

func (s *story) seesDeleted(ctx context.Context, d *device, args []string) error {
	seq, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		m := room.Messages[seq]
		return missing(!m.DeletedAt.IsZero() && m.Text == "" && len(m.Mentions) == 0, "message %d is %+v", seq, m)
	})
}

func (s *story) seesEdited(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		m, found := room.Find(args[1])
		return missing(found && !m.EditedAt.IsZero(), "sees no edited %q; the last are %q", args[1], room.Texts(10))
	})
}

func (s *story) seesMention(ctx context.Context, d *device, args []string) error {
	want, err := s.users(args[2:])
	if err != nil {
		return err
	}
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		m, found := room.Find(args[1])
		got := slices.Sorted(slices.Values(m.Mentions))
		return missing(found && slices.Equal(got, want), "%q names %v, not %v", args[1], got, want)
	})
}

func (s *story) log(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		got := room.Texts(len(args) - 1)
		return missing(slices.Equal(got, args[1:]), "the last messages are %q", got)
	})
}

func (s *story) history(ctx context.Context, d *device, args []string) error {
	room, err := s.room(args[0])
	if err != nil {
		return err
	}
	query := url.Values{"limit": {args[2]}}
	if where, seq, ok := strings.Cut(args[1], "="); ok {
		query.Set(where, seq)
	}
	page, err := d.History(ctx, room, query)
	if err != nil {
		return err
	}
	var got []string
	for _, m := range page.Messages {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, args[3:]) {
		return fmt.Errorf("the page holds %q", got)
	}
	return nil
}

// agrees holds what the device followed against what the server would tell a new one.
func (s *story) agrees(ctx context.Context, d *device, args []string) error {
	id, err := s.room(args[0])
	if err != nil {
		return err
	}
	all, err := d.Everything(ctx, id)
	if err != nil {
		return err
	}
	for i, m := range all {
		if m.Seq != int64(i+1) {
			return fmt.Errorf("message %d of the history has seq %d", i+1, m.Seq)
		}
	}
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		for _, m := range all {
			if have := room.Messages[m.Seq]; have.Rev != m.Rev || have.Text != m.Text {
				return fmt.Sprintf("message %d is %+v on the device and %+v on the server", m.Seq, have, m)
			}
		}
		return missing(room.LastSeq == int64(len(all)), "the device knows %d messages of %d", room.LastSeq, len(all))
	})
}

// badge asks for the counts until they are as wanted: they are computed, not sent.
func (s *story) badge(ctx context.Context, d *device, args []string) error {
	room, err := s.room(args[0])
	if err != nil {
		return err
	}
	want := map[string]int{}
	if args[1] == "none" {
		want["unread"], want["mention"] = 0, 0
	} else {
		for i := 1; i+1 < len(args); i += 2 {
			if want[args[i+1]], err = strconv.Atoi(args[i]); err != nil {
				return err
			}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, person.Patience)
	defer cancel()
	for {
		counts, err := d.Counts(ctx, room)
		if err != nil {
			return err
		}
		got := map[string]int{"unread": counts.Unread, "mention": counts.Mentions}
		wrong := ""
		for what, n := range want {
			if got[what] != n {
				wrong = fmt.Sprintf("the badge of %s is %v, not %v", args[0], got, want)
			}
		}
		if wrong == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New(wrong)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *story) isIn(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(*person.Room) string { return "" })
}

func (s *story) isNotIn(ctx context.Context, d *device, args []string) error {
	room, err := s.room(args[0])
	if err != nil {
		return err
	}
	return d.Until(ctx, func(state *person.State) string {
		return missing(state.Rooms[room] == nil, "is still in %s", args[0])
	})
}

// cannotFind wants every way to a room's content to answer as if there were no such room.
func (s *story) cannotFind(ctx context.Context, d *device, args []string) error {
	_, path, err := s.inRoom(args)
	if err != nil {
		return err
	}
	for _, rest := range []string{"", "/messages", "/members", "/messages/1", "/counts"} {
		if err := refusedWith(d.Call(ctx, "GET", path+rest, nil, nil), myna.CodeNotFound); err != nil {
			return fmt.Errorf("GET %s%s: %w", path, rest, err)
		}
	}
	scope := "/scopes/" + strings.TrimPrefix(path, "/rooms/") + "/changes"
	if err := refusedWith(d.Call(ctx, "GET", scope, nil, nil), myna.CodeNotFound); err != nil {
		return fmt.Errorf("GET %s: %w", scope, err)
	}
	return nil
}

func (s *story) seesRoom(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		got := map[string]string{
			"name": room.Name, "topic": room.Topic, "kind": room.Kind,
			"archived": strconv.FormatBool(!room.ArchivedAt.IsZero()),
		}
		want := strings.TrimPrefix(args[2], "#")
		return missing(got[args[1]] == want, "the %s is %q", args[1], got[args[1]])
	})
}

func (s *story) seesPeople(ctx context.Context, d *device, args []string) error {
	want, err := s.users(args[1:])
	if err != nil {
		return err
	}
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		var got []myna.UserID
		for id, member := range room.Members {
			if !member.Left {
				got = append(got, id)
			}
		}
		slices.Sort(got)
		return missing(slices.Equal(got, want), "the members are %v, not %v", got, want)
	})
}

func (s *story) seesRead(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		got := strconv.FormatInt(room.Membership.ReadSeq, 10)
		return missing(got == args[1], "the read mark stands at %s", got)
	})
}

func (s *story) seesList(ctx context.Context, d *device, args []string) error {
	return s.untilRoom(ctx, d, args[0], func(room *person.Room) string {
		got := map[string]bool{"favorite": room.Membership.Favorite, "muted": room.Membership.Muted}
		return missing(got[args[1]], "the room is not %s", args[1])
	})
}

func (s *story) seesDraft(ctx context.Context, d *device, args []string) error {
	room, err := s.room(args[0])
	if err != nil {
		return err
	}
	return d.Until(ctx, func(state *person.State) string {
		return missing(state.Drafts[room].Text == args[1], "the draft is %q", state.Drafts[room].Text)
	})
}

func presence(want string) func(*story, context.Context, *device, []string) error {
	return func(s *story, ctx context.Context, d *device, args []string) error {
		user, err := s.user(args[0])
		if err != nil {
			return err
		}
		return d.Until(ctx, func(state *person.State) string {
			return missing(state.Presence[user] == want, "%s is %q", args[0], state.Presence[user])
		})
	}
}

func (s *story) seesTyping(ctx context.Context, d *device, args []string) error {
	room, err := s.room(args[0])
	if err != nil {
		return err
	}
	user, err := s.user(args[1])
	if err != nil {
		return err
	}
	return d.Until(ctx, func(state *person.State) string {
		at := state.Typing[person.Place{Room: room, User: user}]
		return missing(!at.IsZero(), "%s is not seen typing", args[1])
	})
}

func (s *story) seesName(ctx context.Context, d *device, args []string) error {
	return d.Until(ctx, func(state *person.State) string {
		user, known := state.User(args[0])
		return missing(known && user.Name == args[1], "%s is called %q", args[0], user.Name)
	})
}

func (s *story) seesSettings(ctx context.Context, d *device, args []string) error {
	return d.Until(ctx, func(state *person.State) string {
		return missing(state.Settings.Registration == args[0], "registration is %q", state.Settings.Registration)
	})
}

func (s *story) seesTheme(ctx context.Context, d *device, args []string) error {
	return d.Until(ctx, func(state *person.State) string {
		return missing(state.Preferences.Theme == args[0], "the theme is %q", state.Preferences.Theme)
	})
}

func (s *story) browses(ctx context.Context, d *device, args []string) error {
	var page wire.BrowsedRooms
	if err := d.Call(ctx, "GET", "/rooms?q="+url.QueryEscape(args[0]), nil, &page); err != nil {
		return err
	}
	var got []string
	for _, found := range page.Rooms {
		got = append(got, "#"+found.Room.Name)
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(args[1:])); !slices.Equal(got, want) {
		return fmt.Errorf("finds %q", got)
	}
	return nil
}

func (s *story) devices(ctx context.Context, d *device, args []string) error {
	var list wire.Sessions
	if err := d.Call(ctx, "GET", "/sessions", nil, &list); err != nil {
		return err
	}
	if got := strconv.Itoa(len(list.Sessions)); got != args[0] {
		return fmt.Errorf("has %s devices: %+v", got, list.Sessions)
	}
	return nil
}

func (s *story) isClosed(ctx context.Context, d *device, args []string) error {
	code, err := d.UntilClosed(ctx)
	if err == nil && strconv.Itoa(code) != args[0] {
		return fmt.Errorf("the connection was closed with %d", code)
	}
	return err
}

func (s *story) getsError(ctx context.Context, d *device, args []string) error {
	got, err := d.UntilError(ctx)
	if err == nil && (got.Code != args[0] || got.Message == "") {
		return fmt.Errorf("the error frame says %+v", got)
	}
	return err
}

// sends writes a frame as it stands. In it, ROOM is the id of #general and NONCE a fresh one.
func (s *story) sends(ctx context.Context, d *device, args []string) error {
	frame := args[0]
	if strings.Contains(frame, "ROOM") {
		room, err := s.room("#general")
		if err != nil {
			return err
		}
		frame = strings.ReplaceAll(frame, "ROOM", room.String())
	}
	return d.SendFrame(ctx, strings.ReplaceAll(frame, "NONCE", person.NewNonce().String()))
}

func (s *story) sendsBytes(ctx context.Context, d *device, args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return d.SendFrame(ctx, strings.Repeat("x", n))
}
