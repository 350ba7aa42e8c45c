// Package wire is the JSON of Myna: the frames of the WebSocket, the bodies REST shares with them, and
// how errors look. It owns no behaviour. The TypeScript types, docs/protocol.md and the OpenAPI schema
// are generated from these types.
//
// Values are plain data: they may be read by many goroutines and are changed by none after encoding.
package wire

import "github.com/myna-chat/myna"

// Message is one message. A deleted one keeps its place, with text and mentions empty.
type Message struct {
	Room      myna.RoomID   `json:"room"`
	Seq       int64         `json:"seq" doc:"Place in the room's history, dense from 1."`
	Rev       int64         `json:"rev" doc:"The room scope's counter at the last change of this row."`
	Author    myna.UserID   `json:"author"`
	Nonce     myna.Nonce    `json:"nonce" doc:"The author's ULID for this message."`
	Text      string        `json:"text" doc:"Markdown subset, at most 16 KiB of UTF-8."`
	Mentions  []myna.UserID `json:"mentions,omitempty" doc:"People named in the text who are members of the room."`
	CreatedAt myna.Time     `json:"created_at"`
	EditedAt  myna.Time     `json:"edited_at,omitzero"`
	DeletedAt myna.Time     `json:"deleted_at,omitzero"`
}

// Room is a room as its members see it.
type Room struct {
	ID         myna.RoomID `json:"id"`
	Kind       string      `json:"kind" enum:"open,closed,direct"`
	Name       string      `json:"name" doc:"Empty in conversations nobody named."`
	Topic      string      `json:"topic"`
	Pair       bool        `json:"pair" doc:"A note to self or a one-to-one: its people never change."`
	Default    bool        `json:"default" doc:"Everybody joins it when they register."`
	CreatedBy  myna.UserID `json:"created_by"`
	CreatedAt  myna.Time   `json:"created_at"`
	ArchivedAt myna.Time   `json:"archived_at,omitzero"`
	Rev        int64       `json:"rev"`
}

// Member is a person's place in a room as the others see it.
type Member struct {
	Room     myna.RoomID `json:"room"`
	User     myna.UserID `json:"user"`
	Role     string      `json:"role" enum:"member,admin"`
	JoinedAt myna.Time   `json:"joined_at"`
	Left     bool        `json:"left"`
	Rev      int64       `json:"rev"`
}

// Membership is the same place as the person's own devices see it.
type Membership struct {
	Room     myna.RoomID `json:"room"`
	ReadSeq  int64       `json:"read_seq" doc:"Everything up to this seq was read."`
	Favorite bool        `json:"favorite"`
	Muted    bool        `json:"muted"`
	Left     bool        `json:"left"`
	Rev      int64       `json:"rev"`
}

// Draft is text not sent yet; an empty text means there is none.
type Draft struct {
	Room      myna.RoomID `json:"room"`
	Text      string      `json:"text"`
	UpdatedAt myna.Time   `json:"updated_at"`
	Rev       int64       `json:"rev"`
}

// Preferences are a person's own settings.
type Preferences struct {
	Theme    string `json:"theme" enum:"system,light,dark"`
	Language string `json:"language" enum:",en,zh-CN" doc:"Empty: as the browser asks."`
	EnterKey string `json:"enter_key" enum:"send,newline"`
	Rev      int64  `json:"rev"`
}

// User is a person's public profile.
type User struct {
	ID        myna.UserID `json:"id"`
	Username  string      `json:"username"`
	Name      string      `json:"name"`
	Role      string      `json:"role" enum:"member,admin,owner"`
	Disabled  bool        `json:"disabled"`
	CreatedAt myna.Time   `json:"created_at"`
	Rev       int64       `json:"rev"`
}

// Settings are the server's own.
type Settings struct {
	Name         string `json:"name"`
	Registration string `json:"registration" enum:"open,invite,closed"`
	Rev          int64  `json:"rev"`
}

// Change says that a row became what it now is, at Rev of Scope.
type Change struct {
	Type  string       `json:"type" enum:"change"`
	Scope myna.Scope   `json:"scope"`
	Rev   int64        `json:"rev"`
	Kind  myna.RowKind `json:"kind" enum:"room,member,message,membership,draft,preferences,user,settings"`
	Row   any          `json:"row" doc:"Of the type that kind names."`
}

// RowOf turns a row of the vocabulary into what clients see.
func RowOf(row myna.Row) any {
	switch r := row.(type) {
	case myna.Message:
		return MessageOf(r)
	case myna.Room:
		return RoomOf(r)
	case myna.Member:
		return MemberOf(r)
	case myna.Membership:
		return MembershipOf(r)
	case myna.Draft:
		return DraftOf(r)
	case myna.Preferences:
		return PreferencesOf(r)
	case myna.User:
		return UserOf(r)
	case myna.Settings:
		return SettingsOf(r)
	}
	return nil
}

// ChangeOf turns a change of the vocabulary into the frame clients see.
func ChangeOf(c myna.Change) Change {
	return Change{Type: FrameChange, Scope: c.Scope, Rev: c.Rev, Kind: c.Row.RowKind(), Row: RowOf(c.Row)}
}

func MessageOf(m myna.Message) Message {
	return Message{
		Room: m.Room, Seq: m.Seq, Rev: m.Rev, Author: m.Author, Nonce: m.Nonce, Text: m.Text,
		Mentions: m.Mentions, CreatedAt: m.CreatedAt, EditedAt: m.EditedAt, DeletedAt: m.DeletedAt,
	}
}

func RoomOf(r myna.Room) Room {
	return Room{
		ID: r.ID, Kind: r.Kind.String(), Name: r.Name, Topic: r.Topic, Pair: r.Pair, Default: r.Default,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, ArchivedAt: r.ArchivedAt, Rev: r.Rev,
	}
}

func MemberOf(m myna.Member) Member {
	return Member{Room: m.Room, User: m.User, Role: m.Role.String(), JoinedAt: m.JoinedAt, Left: m.Left, Rev: m.Rev}
}

func MembershipOf(m myna.Membership) Membership {
	return Membership{Room: m.Room, ReadSeq: m.ReadSeq, Favorite: m.Favorite, Muted: m.Muted, Left: m.Left, Rev: m.Rev}
}

func UserOf(u myna.User) User {
	return User{
		ID: u.ID, Username: u.Username, Name: u.Name, Role: u.Role.String(), Disabled: u.Disabled,
		CreatedAt: u.CreatedAt, Rev: u.Rev,
	}
}

func PreferencesOf(p myna.Preferences) Preferences {
	return Preferences{Theme: p.Theme, Language: p.Language, EnterKey: p.EnterKey, Rev: p.Rev}
}

func DraftOf(d myna.Draft) Draft {
	return Draft{Room: d.Room, Text: d.Text, UpdatedAt: d.UpdatedAt, Rev: d.Rev}
}

func SettingsOf(s myna.Settings) Settings {
	return Settings{Name: s.Name, Registration: s.Registration, Rev: s.Rev}
}
