package httpapi

import (
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// What an invite gets when its maker leaves it open.
const (
	inviteUses = 1
	inviteLife = 7 * 24 * time.Hour
)

func (a *API) invites(c *call, _ *nothing) (wire.Invites, error) {
	list, err := a.auth.Invites(c.ctx(), c.principal)
	if err != nil {
		return wire.Invites{}, err
	}
	out := wire.Invites{Invites: make([]wire.Invite, 0, len(list))}
	for _, invite := range list {
		out.Invites = append(out.Invites, inviteOf(invite))
	}
	return out, nil
}

func inviteOf(i myna.Invite) wire.Invite {
	return wire.Invite{ID: i.ID, CreatedBy: i.CreatedBy, CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt, UsesLeft: i.UsesLeft}
}

type createInvite struct {
	Body wire.CreateInvite
}

func (a *API) createInvite(c *call, in *createInvite) (wire.Invite, error) {
	uses, life := in.Body.Uses, inviteLife
	if uses == 0 {
		uses = inviteUses
	}
	if seconds := in.Body.ExpiresIn; seconds != 0 {
		const most = int64(100 * 365 * 24 * 3600) // a Duration holds it; auth knows the real bound
		if seconds < 0 || seconds > most {
			return wire.Invite{}, myna.Errorf(myna.Invalid, myna.CodeBadValue, "expires_in must be seconds from now, at most a year").In("expires_in")
		}
		life = time.Duration(seconds) * time.Second
	}
	invite, code, err := a.auth.CreateInvite(c.ctx(), c.principal, uses, life)
	if err != nil {
		return wire.Invite{}, err
	}
	out := inviteOf(invite)
	out.Code, out.URL = code, a.origin+a.base+"/invite/"+code
	return out, nil
}

type inviteInput struct {
	Invite myna.InviteID `path:"invite"`
}

func (a *API) revokeInvite(c *call, in *inviteInput) (none, error) {
	return none{}, a.auth.RevokeInvite(c.ctx(), c.principal, in.Invite)
}

type inviteCode struct {
	Code string `path:"code"`
}

func (a *API) inviteInfo(c *call, in *inviteCode) (wire.InviteInfo, error) {
	invite, inviter, err := a.auth.InviteInfo(c.ctx(), in.Code)
	if err != nil {
		return wire.InviteInfo{}, err
	}
	settings, err := a.chat.Settings(c.ctx())
	if err != nil {
		return wire.InviteInfo{}, err
	}
	return wire.InviteInfo{Server: settings.Name, Inviter: inviter, ExpiresAt: invite.ExpiresAt}, nil
}
