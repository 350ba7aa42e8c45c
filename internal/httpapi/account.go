package httpapi

import (
	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/wire"
)

type setupInput struct {
	Body wire.Setup
}

func (a *API) setup(c *call, in *setupInput) (wire.SignedIn, error) {
	device := c.device(myna.BrowserSession)
	grant, err := a.auth.Setup(c.ctx(), auth.SetupInput{
		Token: in.Body.Token, ServerName: in.Body.ServerName,
		Username: in.Body.Username, Name: in.Body.Name, Password: in.Body.Password,
	}, device)
	return c.granted(grant, device, err)
}

type registerInput struct {
	Body wire.Register
}

func (a *API) register(c *call, in *registerInput) (wire.SignedIn, error) {
	device := c.device(myna.BrowserSession)
	grant, err := a.auth.Register(c.ctx(), auth.RegisterInput{
		Username: in.Body.Username, Name: in.Body.Name, Password: in.Body.Password, Invite: in.Body.Invite,
	}, device)
	return c.granted(grant, device, err)
}

type userInput struct {
	User myna.UserID `path:"user"`
}

func (a *API) user(c *call, in *userInput) (wire.User, error) {
	user, err := a.chat.User(c.ctx(), c.principal, in.User)
	return wire.UserOf(user), err
}

func (a *API) me(c *call, _ *nothing) (wire.User, error) {
	user, err := a.chat.User(c.ctx(), c.principal, c.principal.User)
	return wire.UserOf(user), err
}

type updateMe struct {
	Body wire.UpdateProfile
}

func (a *API) updateMe(c *call, in *updateMe) (wire.User, error) {
	user, err := a.chat.UpdateProfile(c.ctx(), c.principal, chat.ProfilePatch(in.Body))
	return wire.UserOf(user), err
}

type updatePreferences struct {
	Body wire.UpdatePreferences
}

func (a *API) updatePreferences(c *call, in *updatePreferences) (wire.Preferences, error) {
	preferences, err := a.chat.UpdatePreferences(c.ctx(), c.principal, chat.PreferencesPatch(in.Body))
	return wire.PreferencesOf(preferences), err
}

type changePassword struct {
	Body wire.ChangePassword
}

func (a *API) changePassword(c *call, in *changePassword) (none, error) {
	return none{}, a.auth.ChangePassword(c.ctx(), c.principal, in.Body.Old, in.Body.New)
}

type resetPassword struct {
	Body wire.ResetPassword
}

func (a *API) resetPassword(c *call, in *resetPassword) (wire.User, error) {
	user, err := a.auth.ResetPassword(c.ctx(), in.Body.Token, in.Body.Password)
	return wire.UserOf(user), err
}
