package myna

// Role is what a person may do on the whole server. The numbers are stored and ordered: a higher role
// can do what a lower one can.
type Role uint8

const (
	RoleMember Role = 10
	RoleAdmin  Role = 20
	RoleOwner  Role = 30
)

func (r Role) String() string {
	switch r {
	case RoleOwner:
		return "owner"
	case RoleAdmin:
		return "admin"
	default:
		return "member"
	}
}

// User is a person's public profile, a row of the directory scope.
type User struct {
	ID        UserID
	Username  string // unique after case folding and against look-alikes
	Name      string // display name, never empty
	Role      Role
	Disabled  bool
	CreatedAt Time
	Rev       int64
}

// Preferences are a person's own settings, one row of the user scope.
type Preferences struct {
	User     UserID
	Theme    string // "system", "light" or "dark"
	Language string // "en", "zh-CN", or "" for the browser's
	EnterKey string // "send" or "newline"
	Rev      int64
}

// DefaultPreferences is what a person starts with.
func DefaultPreferences(u UserID) Preferences {
	return Preferences{User: u, Theme: "system", EnterKey: "send"}
}

// Settings are the server's own, one row of the directory scope.
type Settings struct {
	Name         string // of the server, shown at sign-in
	Registration string // "open", "invite" or "closed"
	Rev          int64
}
