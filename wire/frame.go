package wire

import "github.com/myna-chat/myna"

// The types of frames a client sends. Every frame is one JSON object in one text message.
const (
	FramePost   = "post"
	FrameRead   = "read"
	FrameTyping = "typing"
	FrameFocus  = "focus"
	FrameWatch  = "watch"
	FrameFetch  = "fetch"
	FramePing   = "ping"
)

// The types of frames the server sends.
const (
	FrameReady   = "ready"
	FrameChange  = "change"
	FrameChanges = "changes"
	FrameSignal  = "signal"
	FrameAck     = "ack"
	FrameError   = "error"
	FrameResync  = "resync"
	FrameDrain   = "drain"
	FramePong    = "pong"
)

// Post says something in a room. Answered by Ack, or by Error with the same nonce.
type Post struct {
	Type  string      `json:"type" enum:"post"`
	Nonce myna.Nonce  `json:"nonce"`
	Room  myna.RoomID `json:"room"`
	Text  string      `json:"text"`
}

// Read moves the read mark. Forward only, except with unread, which sets it just before seq. Not
// answered: the new mark comes as a membership change in the user's scope.
type Read struct {
	Type   string      `json:"type" enum:"read"`
	Room   myna.RoomID `json:"room"`
	Seq    int64       `json:"seq"`
	Unread bool        `json:"unread,omitempty"`
}

// Typing says that the person is writing; repeat it every 3 s while they are. Not answered.
type Typing struct {
	Type string      `json:"type" enum:"typing"`
	Room myna.RoomID `json:"room"`
}

// Focus says what this device shows. Typing signals come only for the room in focus. Active is false
// when the window is hidden or unused for 5 minutes: with no active device a person is "away".
type Focus struct {
	Type   string      `json:"type" enum:"focus"`
	Room   myna.RoomID `json:"room,omitzero" doc:"Left out: no room is on the screen."`
	Active bool        `json:"active"`
}

// Watch replaces the set of people whose presence this device follows, at most 200. Answered by a
// presence signal with everybody's present state.
type Watch struct {
	Type  string        `json:"type" enum:"watch"`
	Users []myna.UserID `json:"users"`
}

// Fetch asks for the rows of a scope that changed after a cursor. Answered by Changes with the same ref.
type Fetch struct {
	Type  string     `json:"type" enum:"fetch"`
	Ref   int64      `json:"ref" doc:"Comes back in the answer."`
	Scope myna.Scope `json:"scope"`
	After int64      `json:"after" doc:"The client's cursor."`
}

// Ping asks for a Pong; a client sends it to find out whether the line is alive.
type Ping struct {
	Type string `json:"type" enum:"ping"`
}

// Ready is the first frame: who is signed in and where every followed scope stands. Everything after
// these heads comes live; what lies between the client's cursors and the heads is to be fetched.
type Ready struct {
	Type    string               `json:"type" enum:"ready"`
	User    myna.UserID          `json:"user"`
	Session myna.SessionID       `json:"session"`
	Version string               `json:"version" doc:"Of the server; a new one means the client should reload."`
	Now     myna.Time            `json:"now"`
	Heads   map[myna.Scope]int64 `json:"heads"`
}

// Changes answers a fetch: rows in rev order. If more is true ask again with after = the last rev. If
// reset is true the cursor was too far behind: drop what is cached of the scope and load it anew.
type Changes struct {
	Type  string     `json:"type" enum:"changes"`
	Ref   int64      `json:"ref"`
	Scope myna.Scope `json:"scope"`
	Rows  []Change   `json:"rows"`
	Head  int64      `json:"head"`
	More  bool       `json:"more"`
	Reset bool       `json:"reset"`
}

// Signal is something that passes and is never stored.
type Signal struct {
	Type     string      `json:"type" enum:"signal"`
	Kind     string      `json:"kind" enum:"typing,presence"`
	Room     myna.RoomID `json:"room,omitzero" doc:"typing: where."`
	User     myna.UserID `json:"user,omitzero" doc:"typing: who. Forget it after 5 s."`
	Presence []Presence  `json:"presence,omitempty"`
}

// Presence of one person over all their devices.
type Presence struct {
	User  myna.UserID `json:"user"`
	State string      `json:"state" enum:"online,away,offline"`
}

// Kinds of signals and states of presence.
const (
	SignalTyping   = "typing"
	SignalPresence = "presence"
	Online         = "online"
	Away           = "away"
	Offline        = "offline"
)

// Ack answers a post after the commit that holds it. The same nonce gets the same ack for ever.
type Ack struct {
	Type      string      `json:"type" enum:"ack"`
	Nonce     myna.Nonce  `json:"nonce"`
	Room      myna.RoomID `json:"room"`
	Seq       int64       `json:"seq"`
	Rev       int64       `json:"rev"`
	CreatedAt myna.Time   `json:"created_at"`
}

// ErrorFrame answers a frame that could not be carried out. Nonce or ref say which, where it had one.
type ErrorFrame struct {
	Type  string     `json:"type" enum:"error"`
	Nonce myna.Nonce `json:"nonce,omitzero"`
	Ref   int64      `json:"ref,omitempty"`
	Error ErrorBody  `json:"error"`
}

// Resync tells a device that lagged that its queue was dropped: fetch from the cursors to these heads.
// Answers that stood in the queue are gone too: ask again what you wait for, posts with the same nonce.
type Resync struct {
	Type  string               `json:"type" enum:"resync"`
	Heads map[myna.Scope]int64 `json:"heads"`
}

// Drain tells that the server is about to stop: reconnect after the given wait.
type Drain struct {
	Type    string `json:"type" enum:"drain"`
	AfterMS int64  `json:"after_ms"`
}

// Pong answers a Ping.
type Pong struct {
	Type string    `json:"type" enum:"pong"`
	Now  myna.Time `json:"now"`
}

// Close codes. The range tells the client what to do: 4000–4099 reconnect with backoff, 4100–4199 do
// not reconnect before signing in again, 4200–4299 the client is at fault and must not simply retry.
const (
	CloseGoingAway     = 1001 // restart: reconnect after the drain's wait
	CloseTooLarge      = 1009
	CloseNotUTF8       = 1007
	CloseSlow          = 4000 // nothing could be written for too long
	CloseUnseen        = 4001 // no pong
	CloseLost          = 4002 // the server lost track of what to deliver: start from the database
	CloseSessionEnded  = 4100
	CloseDisabled      = 4101
	CloseBadFrame      = 4200
	CloseTooManyFrames = 4201
)
