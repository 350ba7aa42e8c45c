package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/e2e/binary"
	"github.com/myna-chat/myna/e2e/person"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/wire"
)

// story is one file being told: a server and the devices of the people in it.
type story struct {
	t      *testing.T
	ts     *testscript.TestScript
	engine sqldb.Engine
	dir    string
	server *binary.Server
	first  string // the owner's name
	people map[string]*device
	rooms  map[string]myna.RoomID // by the label a story uses: #name, ~label
}

// device is one device of a person, under the name the story uses for it: bob, or bob-phone.
type device struct {
	*person.Device
	username  string
	password  string
	lastNonce myna.Nonce
	lastAck   wire.Ack
}

// passphrase is everybody's until they change it.
const passphrase = "correct horse battery staple"

func newStory(t *testing.T, engine sqldb.Engine, dir string) *story {
	return &story{t: t, engine: engine, dir: dir, people: map[string]*device{}, rooms: map[string]myna.RoomID{}}
}

// end stops what still runs. A server that does not stop well fails the story.
func (s *story) end() {
	for _, d := range s.people {
		d.Disconnect()
	}
	if s.server == nil {
		return
	}
	if err := s.server.Stop(); err != nil {
		s.t.Error(err)
	}
	if found := secrets.FindString(s.server.Log()); found != "" && !strings.Contains(found, "setup") {
		s.t.Errorf("the log holds the secret %q", found)
	}
	if panics := trouble.FindString(s.server.Log()); panics != "" {
		s.t.Errorf("the log tells of trouble:\n%s", s.server.Log())
	}
}

var (
	secrets = regexp.MustCompile(`myna_s_\S+|correct horse battery\S*`)
	trouble = regexp.MustCompile(`panic|DATA RACE|level=ERROR|"level":"ERROR"`)
)

// serverCmd: server start [--flag…] | stop | restart | kill | logs REGEXP
func (s *story) serverCmd(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: server start [--base PATH] [FLAG…] | stop | restart [FLAG…] | kill | logs REGEXP")
	}
	rest := args[1:]
	switch args[0] {
	case "start":
		return s.start(ctx, rest)
	case "stop":
		return s.server.Stop()
	case "restart":
		if err := s.server.Stop(); err != nil {
			return err
		}
		return s.back(ctx, rest)
	case "kill":
		if err := s.server.Kill(); err != nil {
			return err
		}
		return s.back(ctx, rest)
	case "logs":
		pattern, err := regexp.Compile(strings.Join(rest, " "))
		if err != nil {
			return err
		}
		return s.server.UntilLogged(ctx, pattern)
	}
	return fmt.Errorf("a server does not %s", args[0])
}

func (s *story) start(ctx context.Context, flags []string) error {
	path, err := binary.Build(s.dir)
	if err != nil {
		return err
	}
	o := binary.Options{Path: path, Dir: s.dir}
	if len(flags) >= 2 && flags[0] == "--base" {
		o.Base, flags = flags[1], flags[2:]
	}
	o.Args = flags
	if s.engine != sqldb.SQLite {
		o.DB = sqldbtest.URL(s.t, s.engine)
	}
	if s.server, err = binary.New(o); err != nil {
		return err
	}
	s.ts.Setenv("URL", s.server.URL)
	return s.server.Start(ctx)
}

// back starts the server again and connects everybody who was connected.
func (s *story) back(ctx context.Context, flags []string) error {
	var before []*device
	for _, d := range s.people {
		if d.Wants() {
			before = append(before, d)
		}
		d.Disconnect()
	}
	if err := s.server.Start(ctx, flags...); err != nil {
		return err
	}
	for _, d := range before {
		if err := d.Connect(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ownerCmd: owner NAME makes the first owner with the printed link.
func (s *story) ownerCmd(ctx context.Context, args []string) error {
	link, err := s.server.SetupLink(ctx)
	if err != nil {
		return err
	}
	token, err := setupToken(link)
	if err != nil {
		return err
	}
	s.first = args[0]
	d := s.newDevice(args[0], args[0])
	if err := d.Setup(ctx, token, d.username, d.password); err != nil {
		return err
	}
	return d.Connect(ctx)
}

// setupToken finds the token in a link, in its query, its fragment or at the end of its path.
func setupToken(link string) (string, error) {
	parsed, err := url.Parse(link)
	if err != nil {
		return "", err
	}
	for _, part := range []string{parsed.Fragment, parsed.RawQuery} {
		if part != "" {
			_, value, found := strings.Cut(part, "=")
			if !found {
				value = part
			}
			return value, nil
		}
	}
	return parsed.Path[strings.LastIndex(parsed.Path, "/")+1:], nil
}

// inviteCmd: invite NAME… has the owner invite people, who register and connect.
func (s *story) inviteCmd(ctx context.Context, args []string) error {
	for _, name := range args {
		code, err := s.people[s.first].Invite(ctx, 1)
		if err != nil {
			return err
		}
		d := s.newDevice(name, name)
		if err := d.Register(ctx, d.username, d.password, code); err != nil {
			return err
		}
		if err := d.Connect(ctx); err != nil {
			return err
		}
	}
	return nil
}

// deviceCmd: device NAME WHAT signs NAME in on another device, which the story then calls NAME-WHAT.
func (s *story) deviceCmd(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: device NAME WHAT")
	}
	d := s.newDevice(args[0]+"-"+args[1], args[0])
	if known := s.people[args[0]]; known != nil {
		d.password = known.password
	}
	if err := d.Login(ctx, d.username, d.password); err != nil {
		return err
	}
	return d.Connect(ctx)
}

// newDevice makes a device and a command of its name.
func (s *story) newDevice(name, username string) *device {
	d := &device{Device: person.New(s.server.URL), username: username, password: passphrase}
	s.people[name] = d
	s.ts.SetCmd(name, cmd(func(s *story, ctx context.Context, args []string) error {
		return s.asCmd(ctx, append([]string{name}, args...))
	}))
	return d
}

// asCmd: as NAME VERB … [refused CODE]
func (s *story) asCmd(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: as NAME VERB …")
	}
	d, ok := s.people[args[0]]
	if !ok {
		d = s.newDevice(args[0], args[0])
	}
	verb, known := verbs()[args[1]]
	if !known {
		return fmt.Errorf("nobody can %s", args[1])
	}
	args = args[2:]
	want := ""
	if n := len(args); n >= 2 && args[n-2] == "refused" {
		want, args = args[n-1], args[:n-2]
	}
	if len(args) < verb.least || verb.most >= 0 && len(args) > verb.most {
		return fmt.Errorf("usage: as NAME %s", verb.usage)
	}
	return refusedWith(verb.do(s, ctx, d, args), want)
}

// refusedWith holds an outcome against the code it should be refused with; "" means not at all.
func refusedWith(err error, want string) error {
	var refusal *person.Refusal
	switch {
	case want == "":
		return err
	case err == nil:
		return fmt.Errorf("it was not refused; expected %s", want)
	case !errors.As(err, &refusal):
		return fmt.Errorf("expected to be refused with %s: %w", want, err)
	case refusal.Code != want:
		return fmt.Errorf("refused with %s, expected %s", refusal, want)
	}
	return nil
}

// room finds a room by the story's label: one the story made, or one that somebody is in.
func (s *story) room(label string) (myna.RoomID, error) {
	if id, ok := s.rooms[label]; ok {
		return id, nil
	}
	name := strings.TrimPrefix(label, "#")
	for _, d := range s.people {
		var id myna.RoomID
		_ = d.Look(func(state *person.State) string {
			if room := state.Named(name); room != nil {
				id = room.ID
			}
			return ""
		})
		if id != 0 {
			s.rooms[label] = id
			return id, nil
		}
	}
	return 0, fmt.Errorf("nobody in the story is in a room %s", label)
}

// user finds a person's id by the username.
func (s *story) user(name string) (myna.UserID, error) {
	if d, ok := s.people[name]; ok && d.Me().ID != 0 {
		return d.Me().ID, nil
	}
	return 0, fmt.Errorf("the story has nobody called %s", name)
}

func (s *story) users(names []string) ([]myna.UserID, error) {
	var ids []myna.UserID
	for _, name := range names {
		id, err := s.user(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}
