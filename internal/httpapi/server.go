package httpapi

import (
	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/chat"
	"github.com/myna-chat/myna/wire"
)

type nothing struct{}

func (a *API) server(c *call, _ *nothing) (wire.Server, error) {
	settings, err := a.chat.Settings(c.ctx())
	if err != nil {
		return wire.Server{}, err
	}
	empty, err := a.needsSetup(c)
	if err != nil {
		return wire.Server{}, err
	}
	return wire.Server{
		Name: settings.Name, Version: a.options.Version, Registration: settings.Registration,
		NeedsSetup: empty, PlainHTTP: !a.door.secure,
	}, nil
}

// needsSetup asks the database only until there is an owner: a server is never without one again.
func (a *API) needsSetup(c *call) (bool, error) {
	if a.owned.Load() {
		return false, nil
	}
	empty, err := a.auth.NeedsSetup(c.ctx())
	if err == nil && !empty {
		a.owned.Store(true)
	}
	return empty, err
}

func (a *API) limits(_ *call, _ *nothing) (wire.Limits, error) { return wire.Bounds(), nil }

func (a *API) settings(c *call, _ *nothing) (wire.Settings, error) {
	settings, err := a.chat.Settings(c.ctx())
	return wire.SettingsOf(settings), err
}

type updateSettings struct {
	Body wire.UpdateSettings
}

func (a *API) updateSettings(c *call, in *updateSettings) (wire.Settings, error) {
	settings, err := a.chat.UpdateSettings(c.ctx(), c.principal, chat.SettingsPatch(in.Body))
	return wire.SettingsOf(settings), err
}

func (a *API) sync(c *call, _ *nothing) (wire.Sync, error) {
	all, err := a.chat.Sync(c.ctx(), c.principal)
	if err != nil {
		return wire.Sync{}, err
	}
	out := wire.Sync{
		Me: wire.UserOf(all.Me), Session: c.principal.Session, Settings: wire.SettingsOf(all.Settings),
		Preferences: wire.PreferencesOf(all.Preferences), Directory: all.Directory, User: all.User,
		Rooms: make([]wire.FollowedRoom, 0, len(all.Rooms)), Drafts: make([]wire.Draft, 0, len(all.Drafts)),
	}
	for i := range all.Rooms {
		out.Rooms = append(out.Rooms, followedOf(&all.Rooms[i]))
	}
	for _, draft := range all.Drafts {
		out.Drafts = append(out.Drafts, wire.DraftOf(draft))
	}
	return out, nil
}

type changesInput struct {
	Scope myna.Scope `path:"scope" doc:"directory, the own user id or a room id."`
	After int64      `query:"after" doc:"The cursor: rows with a greater rev are given."`
	Limit int        `query:"limit" maximum:"200" doc:"Rows a page; 200 if left out."`
}

// changedRows is encoded by hand: devices that were away ask for many at once.
type changedRows chat.Changes

func (p *changedRows) appendJSON(b []byte) ([]byte, error) {
	return wire.AppendChangePage(b, p.Scope, p.Rows, p.Head, p.More, p.Reset)
}

func (a *API) changes(c *call, in *changesInput) (changedRows, error) {
	page, err := a.chat.Changes(c.ctx(), c.principal, in.Scope, in.After, orMost(in.Limit))
	return changedRows(page), err
}

// orMost is the limit of a list whose rows are small; orPage that of messages.
func orMost(limit int) int {
	if limit == 0 {
		return myna.MaxPageSize
	}
	return limit
}

func orPage(limit int) int {
	if limit == 0 {
		return myna.PageSize
	}
	return limit
}
