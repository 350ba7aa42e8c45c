package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/wire"
)

const (
	listPage         = 500     // people read from the database at once
	maxPasswordInput = 4 << 10 // bytes; a password, not the wrong file
)

type userCmd struct {
	Add           userAdd     `cmd:"" help:"Make an account. Without a password it prints a one-time link to choose one."`
	List          userList    `cmd:"" help:"List everybody."`
	ResetPassword userReset   `cmd:"" help:"Print a one-time link, good for a day, to choose a new password with."`
	Disable       userDisable `cmd:"" help:"Shut somebody out and end their sessions."`
	Enable        userEnable  `cmd:"" help:"Let somebody in again."`
}

type userAdd struct {
	site
	output
	Username     string `arg:"" help:"The name to sign in with."`
	Name         string `help:"The name to show (default: the username)." placeholder:"NAME"`
	Role         string `help:"member, admin or owner." default:"member" enum:"member,admin,owner"`
	PasswordFile string `help:"Read the password from this file, - for standard input." placeholder:"FILE"`
}

func (c *userAdd) Run(ctx context.Context, p *program) error {
	password, err := c.password(p)
	if err != nil {
		return err
	}
	h, err := c.open(ctx, p, true)
	if err != nil {
		return err
	}
	defer h.stop()
	user, err := h.auth.AddUser(ctx, auth.AddUserInput{
		Username: c.Username, Name: c.Name, Password: password, Role: roleOf(c.Role),
	})
	if err != nil {
		return err
	}
	if password != "" {
		return c.print(p, personOf(user), func(w io.Writer) { fmt.Fprintf(w, "Added %s %s.\n", user.Role, user.Username) })
	}
	return h.reset(ctx, p, c.output, user, fmt.Sprintf("Added %s %s.", user.Role, user.Username))
}

// password reads the password, "" if none is given.
func (c *userAdd) password(p *program) (string, error) {
	if c.PasswordFile == "" {
		return "", nil
	}
	from := p.stdin
	if c.PasswordFile != "-" {
		file, err := os.Open(c.PasswordFile)
		if err != nil {
			return "", usage("--password-file: %w", err)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, maxPasswordInput+1))
	if err != nil {
		return "", usage("--password-file: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if password == "" || len(text) > maxPasswordInput {
		return "", usage("--password-file: there must be one line with the password")
	}
	return password, nil
}

func roleOf(name string) myna.Role {
	for _, role := range []myna.Role{myna.RoleOwner, myna.RoleAdmin} {
		if role.String() == name {
			return role
		}
	}
	return myna.RoleMember
}

// person is a user for programs, with what only the command line shows.
type person struct {
	wire.User
	ResetURL     string    `json:"reset_url,omitempty"`
	ResetExpires myna.Time `json:"reset_expires,omitzero"`
}

func personOf(u myna.User) person { return person{User: wire.UserOf(u)} }

// reset makes and prints a link with which somebody chooses a password.
func (h *house) reset(ctx context.Context, p *program, o output, user myna.User, said string) error {
	token, err := h.auth.ResetLink(ctx, user.ID)
	if err != nil {
		return err
	}
	shown := personOf(user)
	shown.ResetURL = h.link("reset", token)
	shown.ResetExpires = myna.TimeOf(time.Now().Add(auth.ResetLinkLife))
	return o.print(p, shown, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nGive them this link to choose a password; it works once, until %s:\n%s\n",
			said, local(shown.ResetExpires), shown.ResetURL)
	})
}

type userReset struct {
	site
	output
	Username string `arg:""`
}

func (c *userReset) Run(ctx context.Context, p *program) error {
	return c.with(ctx, p, c.Username, func(h *house, user myna.User) error {
		return h.reset(ctx, p, c.output, user, fmt.Sprintf("The present password of %s stays until then.", user.Username))
	})
}

type userDisable struct {
	site
	output
	Username string `arg:""`
}

func (c *userDisable) Run(ctx context.Context, p *program) error {
	return c.setDisabled(ctx, p, c.output, c.Username, true)
}

type userEnable struct {
	site
	output
	Username string `arg:""`
}

func (c *userEnable) Run(ctx context.Context, p *program) error {
	return c.setDisabled(ctx, p, c.output, c.Username, false)
}

func (s *site) setDisabled(ctx context.Context, p *program, o output, username string, disabled bool) error {
	return s.with(ctx, p, username, func(h *house, user myna.User) error {
		user, err := h.auth.SetDisabled(ctx, user.ID, disabled)
		if err != nil {
			return err
		}
		return o.print(p, personOf(user), func(w io.Writer) {
			fmt.Fprintf(w, "%s is %s.\n", user.Username, stateOf(user))
		})
	})
}

// with opens the house and finds somebody in it.
func (s *site) with(ctx context.Context, p *program, username string, fn func(h *house, user myna.User) error) error {
	h, err := s.open(ctx, p, false)
	if err != nil {
		return err
	}
	defer h.stop()
	user, err := h.auth.FindUser(ctx, username)
	if err != nil {
		return err
	}
	return fn(h, user)
}

type userList struct {
	site
	output
}

func (c *userList) Run(ctx context.Context, p *program) error {
	h, err := c.open(ctx, p, false)
	if err != nil {
		return err
	}
	defer h.stop()
	people := []person{} // not null in JSON
	for after := ""; ; {
		page, err := h.auth.Users(ctx, after, listPage)
		if err != nil {
			return err
		}
		for _, user := range page {
			people = append(people, personOf(user))
			after = user.Username
		}
		if len(page) < listPage {
			break
		}
	}
	return c.print(p, people, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "USERNAME\tNAME\tROLE\tSTATE\tSINCE\tID")
		for _, one := range people {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n",
				one.Username, one.Name, one.Role, stateOf(myna.User{Disabled: one.Disabled}), local(one.CreatedAt), one.ID)
		}
		_ = t.Flush()
	})
}

func stateOf(u myna.User) string {
	if u.Disabled {
		return "disabled"
	}
	return "active"
}

// local shows a moment in the time zone of the machine.
func local(t myna.Time) string { return t.Go().Local().Format("2006-01-02 15:04 MST") }
