package journal

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/store"
)

// Redeem is what entitles somebody to an account, used up in the transaction that makes it. At most one
// is set; none is for the command line and for open registration.
type Redeem struct {
	SetupLink []byte // SHA-256 of the token: the account becomes the first owner
	Invite    []byte // SHA-256 of the code
}

// DefaultRoomName is the channel that is made with the first owner and that everybody joins.
const DefaultRoomName = "general"

// CreateUser makes an account: the person, the password, the first session where one is given, and the
// places in the default rooms.
type CreateUser struct {
	User         myna.User
	Keys         store.UserKeys
	PasswordHash string // "" for none yet
	Redeem       Redeem
	Session      *store.NewSession
	ServerName   string // with a setup link; "" leaves it

	general myna.RoomID
	rooms   []myna.Room
}

func (c *CreateUser) scopes(ctx context.Context, tx *sqldb.Tx) ([]myna.Scope, error) {
	rooms, err := store.DefaultRooms(ctx, tx)
	if err != nil {
		return nil, err
	}
	c.rooms = rooms
	scopes := []myna.Scope{myna.Directory(), c.User.ID.Scope()}
	for _, r := range rooms {
		scopes = append(scopes, r.ID.Scope())
	}
	if len(rooms) == 0 && c.User.Role == myna.RoleOwner {
		if c.general == 0 {
			c.general = myna.RoomID(myna.NewID(c.User.CreatedAt.Go()))
		}
		scopes = append(scopes, c.general.Scope())
	}
	return scopes, nil
}

func (c *CreateUser) apply(ctx context.Context, b *batch) error {
	if err := b.nameFree(ctx, c.User.Username, c.Keys); err != nil {
		return err
	}
	if err := c.redeem(ctx, b); err != nil {
		return err
	}
	if err := c.insert(ctx, b); err != nil {
		return err
	}
	if c.Redeem.SetupLink != nil {
		if err := c.setUp(ctx, b); err != nil {
			return err
		}
	}
	if c.general != 0 && len(c.rooms) == 0 {
		return c.makeGeneral(ctx, b)
	}
	for _, room := range c.rooms {
		if err := b.addMembers(ctx, room, []myna.UserID{c.User.ID}, 0); err != nil {
			return err
		}
	}
	return nil
}

// nameFree refuses a username that is taken or looks like a taken one.
func (b *batch) nameFree(ctx context.Context, name string, keys store.UserKeys) error {
	_, taken, err := store.UserByKey(ctx, b.tx, keys.Key)
	if err != nil {
		return err
	}
	if taken {
		return myna.Errorf(myna.Conflict, myna.CodeNameTaken, "the username %q is taken: choose another one", name).In("username")
	}
	other, err := store.KeyOfSkeleton(ctx, b.tx, keys.Skeleton)
	if err != nil {
		return err
	}
	if other != "" {
		return myna.Errorf(myna.Conflict, myna.CodeNameConfusable, "the username %q looks too much like one that is taken: choose another one", name).In("username")
	}
	return nil
}

func (c *CreateUser) redeem(ctx context.Context, b *batch) error {
	switch {
	case c.Redeem.SetupLink != nil:
		owned, err := store.HasOwner(ctx, b.tx)
		if err != nil {
			return err
		}
		if owned {
			return myna.Errorf(myna.Conflict, myna.CodeAlreadySetUp, "this server has its owner already: sign in instead")
		}
		_, err = store.RedeemLink(ctx, b.tx, c.Redeem.SetupLink, store.SetupLink, b.now)
		return err
	case c.Redeem.Invite != nil:
		return store.RedeemInvite(ctx, b.tx, c.Redeem.Invite, b.now)
	}
	return nil
}

func (c *CreateUser) insert(ctx context.Context, b *batch) error {
	directory, own := myna.Directory(), c.User.ID.Scope()
	c.User.Rev = b.next(directory)
	if err := store.InsertUsers(ctx, b.tx, []store.NewUser{{User: c.User, Keys: c.Keys}}); err != nil {
		return err
	}
	b.changed(directory, c.User.Rev, c.User)
	if c.PasswordHash != "" {
		if err := store.SavePassword(ctx, b.tx, c.User.ID, c.PasswordHash, b.now); err != nil {
			return err
		}
	}
	preferences := myna.DefaultPreferences(c.User.ID)
	preferences.Rev = b.next(own)
	if err := store.SavePreferences(ctx, b.tx, preferences); err != nil {
		return err
	}
	b.changed(own, preferences.Rev, preferences)
	if c.Session != nil {
		return store.InsertSessions(ctx, b.tx, *c.Session)
	}
	return nil
}

// setUp writes the server's settings with the first owner.
func (c *CreateUser) setUp(ctx context.Context, b *batch) error {
	s, err := store.SettingsOf(ctx, b.tx)
	if err != nil {
		return err
	}
	if c.ServerName != "" {
		s.Name = c.ServerName
	}
	_, err = b.saveSettings(ctx, s)
	return err
}

func (c *CreateUser) makeGeneral(ctx context.Context, b *batch) error {
	name, err := b.freeName(ctx, DefaultRoomName)
	if err != nil {
		return err
	}
	room := CreateRoom{
		Principal: myna.Principal{User: c.User.ID, Role: c.User.Role},
		Room:      myna.Room{ID: c.general, Kind: myna.OpenRoom, Name: name, Default: true},
		Keys:      store.RoomKeys{Name: name},
	}
	if err := room.insert(ctx, b); err != nil {
		return err
	}
	return b.addMembers(ctx, room.Room, []myna.UserID{c.User.ID}, c.User.ID)
}

// freeName finds a channel's name that nobody has taken, beginning with the one that is wanted: people made
// on the command line may have been here before the owner.
func (b *batch) freeName(ctx context.Context, wanted string) (string, error) {
	name := wanted
	for n := 2; ; n++ {
		_, taken, err := store.RoomByName(ctx, b.tx, name)
		if err != nil || !taken {
			return name, err
		}
		name = fmt.Sprintf("%s %d", wanted, n)
	}
}

// SetPassword replaces a password. The person's auth epoch moves and all their sessions end, but the one
// that asked.
type SetPassword struct {
	User  myna.UserID
	Hash  string
	Keep  myna.SessionID // 0 ends all
	Reset []byte         // SHA-256 of a reset link's token, used up; nil when the old password was proved

	Ended []myna.SessionID
}

func (s *SetPassword) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return nil, nil // proofs of identity are in no scope
}

func (s *SetPassword) apply(ctx context.Context, b *batch) error {
	if s.Reset != nil {
		owner, err := store.RedeemLink(ctx, b.tx, s.Reset, store.ResetLink, b.now)
		if err != nil {
			return err
		}
		s.User = owner
	} else if err := store.SpendLinks(ctx, b.tx, store.ResetLink, s.User, b.now); err != nil {
		return err
	}
	if err := store.SavePassword(ctx, b.tx, s.User, s.Hash, b.now); err != nil {
		return err
	}
	ended, err := b.endProofs(ctx, s.User, s.Keep)
	s.Ended = ended
	return err
}

// endProofs moves a person's auth epoch and ends their sessions but one.
func (b *batch) endProofs(ctx context.Context, user myna.UserID, keep myna.SessionID) ([]myna.SessionID, error) {
	if err := store.BumpAuthEpoch(ctx, b.tx, user); err != nil {
		return nil, err
	}
	if keep != 0 {
		epoch, err := store.AuthEpoch(ctx, b.tx, user)
		if err == nil {
			err = store.SetSessionEpoch(ctx, b.tx, keep, epoch)
		}
		if err != nil {
			return nil, err
		}
	}
	return store.EndSessions(ctx, b.tx, user, keep, b.now)
}

// SetDisabled shuts somebody out, or lets them in again. Invites they made are void from then on: with one
// they could come back under another name.
type SetDisabled struct {
	User     myna.UserID
	Disabled bool

	Updated myna.User
	Ended   []myna.SessionID
}

func (s *SetDisabled) scopes(context.Context, *sqldb.Tx) ([]myna.Scope, error) {
	return []myna.Scope{myna.Directory()}, nil
}

func (s *SetDisabled) apply(ctx context.Context, b *batch) error {
	user, err := b.user(ctx, s.User)
	if err != nil {
		return err
	}
	s.Updated = user
	if user.Disabled == s.Disabled {
		return nil
	}
	if s.Disabled && user.Role == myna.RoleOwner {
		owners, err := store.CountOwners(ctx, b.tx)
		if err != nil {
			return err
		}
		if owners == 1 {
			return myna.Errorf(myna.Conflict, myna.CodeLastOwner, "%s is the last owner: make somebody else owner first", user.Username)
		}
	}
	user.Disabled = s.Disabled
	if s.Updated, err = b.saveUser(ctx, user); err != nil {
		return err
	}
	if s.Disabled {
		if err := store.RevokeInvitesOf(ctx, b.tx, s.User, b.now); err != nil {
			return err
		}
	}
	s.Ended, err = b.endProofs(ctx, s.User, 0)
	return err
}
