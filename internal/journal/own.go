package journal

import (
	"context"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// SetDraft keeps what the asker has not sent yet in a room.
type SetDraft struct {
	Principal myna.Principal
	Room      myna.RoomID
	Text      string

	Draft myna.Draft
}

func (d *SetDraft) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{d.Room.Scope(), d.Principal.User.Scope()}, nil
}

func (d *SetDraft) apply(ctx context.Context, b *batch) error {
	if _, err := b.allow(ctx, d.Principal, myna.Read, d.Room); err != nil {
		return err
	}
	draft, err := store.DraftOf(ctx, b.tx, d.Principal.User, d.Room)
	if err != nil {
		return err
	}
	d.Draft = draft
	if draft.Text == d.Text {
		return nil
	}
	scope := d.Principal.User.Scope()
	draft.Text, draft.UpdatedAt, draft.Rev = d.Text, b.now, b.next(scope)
	if err := store.SaveDraft(ctx, b.tx, draft); err != nil {
		return err
	}
	b.changed(scope, draft.Rev, draft)
	d.Draft = draft
	return nil
}

// UpdatePreferences changes the asker's own settings; nil leaves one as it is.
type UpdatePreferences struct {
	Principal myna.Principal
	Theme     *string
	Language  *string
	EnterKey  *string

	Preferences myna.Preferences
}

func (u *UpdatePreferences) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{u.Principal.User.Scope()}, nil
}

func (u *UpdatePreferences) apply(ctx context.Context, b *batch) error {
	p, err := store.PreferencesOf(ctx, b.tx, u.Principal.User)
	if err != nil {
		return err
	}
	old := p
	set(&p.Theme, u.Theme)
	set(&p.Language, u.Language)
	set(&p.EnterKey, u.EnterKey)
	u.Preferences = p
	if p == old {
		return nil
	}
	scope := u.Principal.User.Scope()
	p.Rev = b.next(scope)
	if err := store.SavePreferences(ctx, b.tx, p); err != nil {
		return err
	}
	b.changed(scope, p.Rev, p)
	u.Preferences = p
	return nil
}

func set(field *string, to *string) {
	if to != nil {
		*field = *to
	}
}

// UpdateProfile changes how the asker is shown to others.
type UpdateProfile struct {
	Principal myna.Principal
	Name      *string

	User myna.User
}

func (u *UpdateProfile) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{myna.Directory()}, nil
}

func (u *UpdateProfile) apply(ctx context.Context, b *batch) error {
	user, err := b.user(ctx, u.Principal.User)
	if err != nil {
		return err
	}
	old := user
	set(&user.Name, u.Name)
	u.User = user
	if user == old {
		return nil
	}
	u.User, err = b.saveUser(ctx, user)
	return err
}

func (b *batch) user(ctx context.Context, id myna.UserID) (myna.User, error) {
	user, found, err := store.UserByID(ctx, b.tx, id)
	if err == nil && !found {
		err = myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such person")
	}
	return user, err
}

func (b *batch) saveUser(ctx context.Context, user myna.User) (myna.User, error) {
	user.Rev = b.next(myna.Directory())
	if err := store.UpdateUser(ctx, b.tx, user); err != nil {
		return user, err
	}
	b.changed(myna.Directory(), user.Rev, user)
	return user, nil
}

// UpdateSettings changes the server's own settings; nil leaves one as it is.
type UpdateSettings struct {
	Principal    myna.Principal
	Name         *string
	Registration *string

	Settings myna.Settings
}

func (u *UpdateSettings) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{myna.Directory()}, nil
}

func (u *UpdateSettings) apply(ctx context.Context, b *batch) error {
	if !myna.Can(u.Principal, myna.ManageServer, nil) {
		return myna.Errorf(myna.Denied, myna.CodeDenied, "only an admin may change the server's settings")
	}
	s, err := store.SettingsOf(ctx, b.tx)
	if err != nil {
		return err
	}
	old := s
	set(&s.Name, u.Name)
	set(&s.Registration, u.Registration)
	u.Settings = s
	if s == old {
		return nil
	}
	u.Settings, err = b.saveSettings(ctx, s)
	return err
}

func (b *batch) saveSettings(ctx context.Context, s myna.Settings) (myna.Settings, error) {
	s.Rev = b.next(myna.Directory())
	if err := store.SaveSettings(ctx, b.tx, s); err != nil {
		return s, err
	}
	b.changed(myna.Directory(), s.Rev, s)
	return s, nil
}
