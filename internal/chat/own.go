package chat

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/journal"
	"github.com/myna-chat/myna/internal/text"
)

// SetDraft keeps what the asker has not sent yet in a room; "" removes it.
func (c *Chat) SetDraft(ctx context.Context, p myna.Principal, room myna.RoomID, draft string) (myna.Draft, error) {
	if draft != "" {
		if err := checkText(draft); err != nil && myna.AsError(err).Code != myna.CodeEmpty {
			return myna.Draft{}, err
		}
	}
	op := &journal.SetDraft{Principal: p, Room: room, Text: draft}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Draft{}, err
	}
	return op.Draft, nil
}

// UpdateProfile changes how the asker is shown to others.
func (c *Chat) UpdateProfile(ctx context.Context, p myna.Principal, patch ProfilePatch) (myna.User, error) {
	op := &journal.UpdateProfile{Principal: p}
	if patch.Name != nil {
		name, err := CleanDisplayName(*patch.Name)
		if err != nil {
			return myna.User{}, err
		}
		op.Name = &name
	}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.User{}, err
	}
	return op.User, nil
}

// CleanDisplayName makes the kept form of a person's name.
func CleanDisplayName(name string) (string, error) {
	clean, ok := text.Clean(name)
	switch {
	case !ok:
		return "", myna.Errorf(myna.Invalid, myna.CodeBadName, "the name contains characters that cannot be seen: leave them out").In("name")
	case clean == "":
		return "", myna.Errorf(myna.Invalid, myna.CodeEmpty, "a name needs at least one character").In("name")
	case utf8.RuneCountInString(clean) > myna.MaxNameRunes:
		return "", myna.Errorf(myna.Invalid, myna.CodeTooLong, "a name has at most %d characters", myna.MaxNameRunes).In("name")
	}
	return clean, nil
}

// UpdatePreferences changes the asker's own settings.
func (c *Chat) UpdatePreferences(ctx context.Context, p myna.Principal, patch PreferencesPatch) (myna.Preferences, error) {
	for _, check := range []struct {
		field   string
		value   *string
		allowed []string
	}{
		{"theme", patch.Theme, []string{"system", "light", "dark"}},
		{"language", patch.Language, []string{"", "en", "zh-CN"}},
		{"enter_key", patch.EnterKey, []string{"send", "newline"}},
	} {
		if err := oneOf(check.field, check.value, check.allowed); err != nil {
			return myna.Preferences{}, err
		}
	}
	op := &journal.UpdatePreferences{Principal: p, Theme: patch.Theme, Language: patch.Language, EnterKey: patch.EnterKey}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Preferences{}, err
	}
	return op.Preferences, nil
}

func oneOf(field string, value *string, allowed []string) error {
	if value == nil || slices.Contains(allowed, *value) {
		return nil
	}
	return myna.Errorf(myna.Invalid, myna.CodeBadValue, "%s must be one of: %s", field, strings.Join(allowed, " ")).In(field)
}

// Settings reads the server's own settings.
func (c *Chat) Settings(ctx context.Context) (myna.Settings, error) { return c.store.Settings(ctx) }

// UpdateSettings changes the server's own settings.
func (c *Chat) UpdateSettings(ctx context.Context, p myna.Principal, patch SettingsPatch) (myna.Settings, error) {
	if err := oneOf("registration", patch.Registration, []string{"open", "invite", "closed"}); err != nil {
		return myna.Settings{}, err
	}
	op := &journal.UpdateSettings{Principal: p, Registration: patch.Registration}
	if patch.Name != nil {
		name, err := CleanDisplayName(*patch.Name)
		if err != nil {
			return myna.Settings{}, err
		}
		op.Name = &name
	}
	if err := c.journal.Do(ctx, op); err != nil {
		return myna.Settings{}, err
	}
	return op.Settings, nil
}

// User reads somebody's profile.
func (c *Chat) User(ctx context.Context, p myna.Principal, id myna.UserID) (myna.User, error) {
	if !myna.Can(p, myna.BrowsePeople, nil) {
		return myna.User{}, myna.Errorf(myna.Denied, myna.CodeDenied, "you may not browse people")
	}
	return c.store.User(ctx, id)
}

// Sync reads everything the asker's client needs for its first screen.
func (c *Chat) Sync(ctx context.Context, p myna.Principal) (Sync, error) {
	return c.store.Sync(ctx, p.User)
}

// Follow lists everything the asker's devices listen to, as of one moment.
func (c *Chat) Follow(ctx context.Context, p myna.Principal) ([]Followed, error) {
	return c.store.Follow(ctx, p.User)
}

// Changes reads what changed in a scope after a cursor; limit 0 means myna.MaxPageSize.
func (c *Chat) Changes(ctx context.Context, p myna.Principal, scope myna.Scope, after int64, limit int) (Changes, error) {
	if limit == 0 {
		limit = myna.MaxPageSize
	}
	limit, err := pageLimit(limit)
	if err != nil {
		return Changes{}, err
	}
	if after < 0 {
		return Changes{}, myna.Errorf(myna.Invalid, myna.CodeBadCursor, "a cursor is not negative, as %d is", after).In("after")
	}
	return c.store.Changes(ctx, p.User, scope, after, limit)
}

// ChangesOf reads a page of what changed in a scope after a cursor, for delivery to fill a gap with: no one
// asks here, and who may hear it is the listener list's to say.
func (c *Chat) ChangesOf(ctx context.Context, scope myna.Scope, after int64) ([]myna.Change, int64, error) {
	page, err := c.store.ChangesOf(ctx, scope, after, myna.MaxPageSize)
	return page.Rows, page.Head, err
}
