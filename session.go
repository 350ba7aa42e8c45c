package myna

// Principal is who asks. It is made by package auth from a token and handed down unchanged; every
// entrance (REST, WebSocket, command line) uses the same functions with it.
type Principal struct {
	User    UserID
	Session SessionID // 0 for the command line
	Role    Role
	Load    bool // an account of the load generator: rate limits do not apply
}

// SessionKind says how long a session may live.
type SessionKind uint8

const (
	BrowserSession SessionKind = 1
	APISession     SessionKind = 2
)

// Session is one signed-in device. The token itself is never stored, only its SHA-256.
type Session struct {
	ID        SessionID
	User      UserID
	Kind      SessionKind
	UserAgent string
	Address   string
	CreatedAt Time
	SeenAt    Time // flushed once a minute
	ExpiresAt Time // absolute end
	RevokedAt Time
}

// Invite is a link that lets somebody register.
type Invite struct {
	ID        InviteID
	CreatedBy UserID
	CreatedAt Time
	ExpiresAt Time
	UsesLeft  int
	RevokedAt Time
}
