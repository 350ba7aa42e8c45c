package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

type sessionCmd struct {
	List   sessionList   `cmd:"" help:"List the devices somebody is signed in on."`
	Revoke sessionRevoke `cmd:"" help:"End sessions; their connections close within a second."`
}

type sessionList struct {
	site
	output
	Username string `arg:""`
}

func (c *sessionList) Run(ctx context.Context, p *program) error {
	return c.with(ctx, p, c.Username, func(h *house, user myna.User) error {
		sessions, err := h.auth.SessionsOf(ctx, user.ID)
		if err != nil {
			return err
		}
		shown := make([]wire.Session, 0, len(sessions))
		for _, s := range sessions {
			shown = append(shown, wire.Session{
				ID: s.ID, UserAgent: s.UserAgent, Address: s.Address,
				CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt,
			})
		}
		return c.print(p, shown, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "SESSION\tSIGNED IN\tLAST SEEN\tEXPIRES\tADDRESS\tDEVICE")
			for _, s := range shown {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n",
					s.ID, local(s.CreatedAt), local(s.SeenAt), local(s.ExpiresAt), s.Address, s.UserAgent)
			}
			_ = t.Flush()
		})
	})
}

type sessionRevoke struct {
	site
	output
	Sessions []string `arg:"" optional:"" name:"session" help:"Sessions as session list shows them."`
	All      string   `help:"End all sessions of this person." placeholder:"USERNAME"`
}

// ended is the answer for programs.
type ended struct {
	Ended int `json:"ended"`
}

func (c *sessionRevoke) Run(ctx context.Context, p *program) error {
	if (c.All == "") == (len(c.Sessions) == 0) {
		return usage("name the sessions to end, or a person with --all")
	}
	ids := make([]myna.SessionID, len(c.Sessions))
	for i, text := range c.Sessions {
		id, err := myna.ParseSessionID(text)
		if err != nil {
			return &usageError{err}
		}
		ids[i] = id
	}
	if c.All != "" {
		return c.with(ctx, p, c.All, func(h *house, user myna.User) error {
			n, err := h.auth.EndSessions(ctx, user.ID)
			if err != nil {
				return err
			}
			return c.say(p, n)
		})
	}
	h, err := c.open(ctx, p, false)
	if err != nil {
		return err
	}
	defer h.stop()
	for _, id := range ids {
		if _, err := h.auth.EndSession(ctx, id); err != nil {
			return err
		}
	}
	return c.say(p, len(ids))
}

func (c *sessionRevoke) say(p *program, n int) error {
	return c.print(p, ended{n}, func(w io.Writer) {
		if n == 1 {
			fmt.Fprintln(w, "Ended 1 session.")
		} else {
			fmt.Fprintf(w, "Ended %d sessions.\n", n)
		}
	})
}
