package wire

import "github.com/myna-chat/myna"

// Server is what anybody may know before signing in.
type Server struct {
	Name         string `json:"name"`
	Version      string `json:"version"`
	Registration string `json:"registration" enum:"open,invite,closed"`
	NeedsSetup   bool   `json:"needs_setup" doc:"There is no owner yet: use the link the server printed."`
	PlainHTTP    bool   `json:"plain_http" doc:"The server is reached without TLS: development only."`
}

// Setup makes the first owner.
type Setup struct {
	Token      string `json:"token" doc:"From the printed link."`
	ServerName string `json:"server_name,omitempty"`
	Username   string `json:"username"`
	Name       string `json:"name,omitempty" doc:"Display name; the username if left out."`
	Password   string `json:"password"`
}

// Register makes an account.
type Register struct {
	Username string `json:"username"`
	Name     string `json:"name,omitempty"`
	Password string `json:"password"`
	Invite   string `json:"invite,omitempty" doc:"The code of an invite link."`
}

// Login starts a session.
type Login struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Token    bool   `json:"token,omitempty" doc:"Answer with a bearer token instead of a cookie."`
}

// SignedIn answers setup, registration and login. Browsers get the token as a cookie only.
type SignedIn struct {
	User    User    `json:"user"`
	Session Session `json:"session"`
	Token   string  `json:"token,omitempty"`
}

// Session is one signed-in device of the asker.
type Session struct {
	ID        myna.SessionID `json:"id"`
	Current   bool           `json:"current"`
	UserAgent string         `json:"user_agent"`
	Address   string         `json:"address"`
	CreatedAt myna.Time      `json:"created_at"`
	SeenAt    myna.Time      `json:"seen_at"`
	ExpiresAt myna.Time      `json:"expires_at"`
}

type Sessions struct {
	Sessions []Session `json:"sessions"`
}

// ChangePassword ends all other sessions of the person.
type ChangePassword struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// ResetPassword uses a one-time link made by an admin or on the command line.
type ResetPassword struct {
	Token    string `json:"token"`
	Password string `json:"password"`
}

type UpdateProfile struct {
	Name *string `json:"name,omitempty"`
}

type UpdatePreferences struct {
	Theme    *string `json:"theme,omitempty" enum:"system,light,dark"`
	Language *string `json:"language,omitempty" enum:",en,zh-CN"`
	EnterKey *string `json:"enter_key,omitempty" enum:"send,newline"`
}

type UpdateSettings struct {
	Name         *string `json:"name,omitempty"`
	Registration *string `json:"registration,omitempty" enum:"open,invite,closed"`
}

// CreateInvite makes a link. The code is shown once, in the answer.
type CreateInvite struct {
	Uses      int   `json:"uses,omitempty" doc:"How many people may use it; 1 if left out, at most 1,000."`
	ExpiresIn int64 `json:"expires_in,omitempty" doc:"Seconds; a week if left out, at most a year."`
}

type Invite struct {
	ID        myna.InviteID `json:"id"`
	CreatedBy myna.UserID   `json:"created_by"`
	CreatedAt myna.Time     `json:"created_at"`
	ExpiresAt myna.Time     `json:"expires_at"`
	UsesLeft  int           `json:"uses_left"`
	Code      string        `json:"code,omitempty" doc:"Only in the answer to its creation."`
	URL       string        `json:"url,omitempty" doc:"Only in the answer to its creation."`
}

type Invites struct {
	Invites []Invite `json:"invites"`
}

// InviteInfo is what the holder of a code may see.
type InviteInfo struct {
	Server    string    `json:"server"`
	Inviter   string    `json:"inviter" doc:"Display name."`
	ExpiresAt myna.Time `json:"expires_at"`
}

// CreateRoom makes a channel (open or closed, with a name) or a conversation (direct, with people).
// A one-to-one or note to self that exists already is answered as it is.
type CreateRoom struct {
	Nonce   myna.Nonce    `json:"nonce" doc:"ULID; the same nonce is answered with the same room."`
	Kind    string        `json:"kind" enum:"open,closed,direct"`
	Name    string        `json:"name,omitempty"`
	Topic   string        `json:"topic,omitempty"`
	Members []myna.UserID `json:"members,omitempty" doc:"Besides the asker."`
}

type UpdateRoom struct {
	Name     *string `json:"name,omitempty"`
	Topic    *string `json:"topic,omitempty"`
	Archived *bool   `json:"archived,omitempty"`
}

// FollowedRoom is one line of the room list with all that is needed to draw it.
type FollowedRoom struct {
	Room       Room          `json:"room"`
	Membership Membership    `json:"membership"`
	Head       int64         `json:"head" doc:"The room scope's rev."`
	LastSeq    int64         `json:"last_seq"`
	LastAt     myna.Time     `json:"last_at,omitzero" doc:"When the newest message came."`
	Unread     int           `json:"unread" doc:"Messages of others after the read mark, counted up to 100."`
	Mentions   int           `json:"mentions" doc:"Of those, the ones that name the asker."`
	Members    []myna.UserID `json:"members,omitempty" doc:"Direct rooms only."`
}

// Sync is everything a client needs to draw its first screen, read in one snapshot.
type Sync struct {
	Me          User           `json:"me"`
	Session     myna.SessionID `json:"session"`
	Settings    Settings       `json:"settings"`
	Preferences Preferences    `json:"preferences"`
	Directory   int64          `json:"directory" doc:"Head rev of the directory scope."`
	User        int64          `json:"user" doc:"Head rev of the asker's scope."`
	Rooms       []FollowedRoom `json:"rooms"`
	Drafts      []Draft        `json:"drafts"`
}

// BrowsedRoom is an open room as found by somebody who may not be in it.
type BrowsedRoom struct {
	Room    Room `json:"room"`
	Members int  `json:"members"`
	Joined  bool `json:"joined"`
}

type BrowsedRooms struct {
	Rooms []BrowsedRoom `json:"rooms"`
	Next  string        `json:"next,omitempty" doc:"Give it back as after for the next page."`
}

// Page of a room's history, in seq order.
type Page struct {
	Messages []Message `json:"messages"`
	Head     int64     `json:"head" doc:"The room scope's rev in the same snapshot."`
	LastSeq  int64     `json:"last_seq"`
	Older    bool      `json:"older" doc:"There are messages before the first."`
	Newer    bool      `json:"newer" doc:"There are messages after the last."`
}

type Members struct {
	Members []Member `json:"members"`
	Head    int64    `json:"head"`
	Next    string   `json:"next,omitempty"`
}

type AddMembers struct {
	Users []myna.UserID `json:"users"`
}

type PostMessage struct {
	Nonce myna.Nonce `json:"nonce"`
	Text  string     `json:"text"`
}

type EditMessage struct {
	Text string `json:"text"`
}

type SetRead struct {
	Seq    int64 `json:"seq"`
	Unread bool  `json:"unread,omitempty"`
}

type SetDraft struct {
	Text string `json:"text" doc:"Empty removes it."`
}

type UpdateMembership struct {
	Favorite *bool `json:"favorite,omitempty"`
	Muted    *bool `json:"muted,omitempty"`
}

type Counts struct {
	Unread   int `json:"unread"`
	Mentions int `json:"mentions"`
}

// Limits are the bounds every client can count on.
type Limits struct {
	MessageBytes  int `json:"message_bytes"`
	FrameBytes    int `json:"frame_bytes"`
	BodyBytes     int `json:"body_bytes"`
	NameRunes     int `json:"name_runes"`
	TopicRunes    int `json:"topic_runes"`
	UsernameBytes int `json:"username_bytes"`
	PasswordRunes int `json:"password_runes" doc:"At least."`
	PasswordBytes int `json:"password_bytes" doc:"At most."`
	RoomMembers   int `json:"room_members"`
	GroupMembers  int `json:"group_members"`
	RoomsPerUser  int `json:"rooms_per_user"`
	Mentions      int `json:"mentions"`
	PageSize      int `json:"page_size"`
	Behind        int `json:"behind"`
	UnreadBound   int `json:"unread_bound"`
	Watched       int `json:"watched"`
	Sessions      int `json:"sessions"`
	QueueBytes    int `json:"queue_bytes"`
	Requests      int `json:"requests" doc:"REST, a second and person, for ever."`
	RequestsBurst int `json:"requests_burst" doc:"REST, at once after a pause."`
	Frames        int `json:"frames" doc:"WebSocket, a second and person, for ever."`
	FramesBurst   int `json:"frames_burst" doc:"WebSocket, at once after a pause."`
	DearFrame     int `json:"dear_frame" doc:"WebSocket: frames that a post, a fetch or a watch counts as."`
}
