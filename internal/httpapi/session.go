package httpapi

import (
	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/wire"
)

type loginInput struct {
	Body wire.Login
}

func (a *API) login(c *call, in *loginInput) (wire.SignedIn, error) {
	kind := myna.BrowserSession
	if in.Body.Token {
		kind = myna.APISession
	}
	device := c.device(kind)
	grant, err := a.auth.Login(c.ctx(), in.Body.Username, in.Body.Password, device)
	return c.granted(grant, device, err)
}

// granted hands a new session over: as a cookie to browsers, in the answer to those who asked for it.
func (c *call) granted(grant auth.Grant, device auth.Device, err error) (wire.SignedIn, error) {
	if err != nil {
		return wire.SignedIn{}, err
	}
	out := wire.SignedIn{User: wire.UserOf(grant.User), Session: sessionOf(grant.Session, grant.Session.ID)}
	if device.Kind == myna.APISession {
		out.Token = grant.Token
		return out, nil
	}
	c.signIn(grant.Token, device, grant.Session.ExpiresAt)
	return out, nil
}

func sessionOf(s myna.Session, current myna.SessionID) wire.Session {
	return wire.Session{
		ID: s.ID, Current: s.ID == current, UserAgent: s.UserAgent, Address: s.Address,
		CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt,
	}
}

func (a *API) sessions(c *call, _ *nothing) (wire.Sessions, error) {
	list, err := a.auth.Sessions(c.ctx(), c.principal)
	if err != nil {
		return wire.Sessions{}, err
	}
	out := wire.Sessions{Sessions: make([]wire.Session, 0, len(list))}
	for _, s := range list {
		out.Sessions = append(out.Sessions, sessionOf(s, c.principal.Session))
	}
	return out, nil
}

func (a *API) logout(c *call, _ *nothing) (none, error) {
	if err := a.auth.Logout(c.ctx(), c.principal); err != nil {
		return none{}, err
	}
	c.signOut()
	return none{}, nil
}

func (a *API) endOthers(c *call, _ *nothing) (none, error) {
	return none{}, a.auth.EndOthers(c.ctx(), c.principal)
}

type sessionInput struct {
	Session myna.SessionID `path:"session"`
}

func (a *API) endSession(c *call, in *sessionInput) (none, error) {
	return none{}, a.auth.End(c.ctx(), c.principal, in.Session)
}
