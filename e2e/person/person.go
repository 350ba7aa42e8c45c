// Package person is a device of somebody who uses Myna, for tests: it signs in, does things over REST,
// and follows everything live over a WebSocket by the rules of docs/protocol.md (cursors, gaps, resync).
// It is written against the protocol alone, with another WebSocket library than the server's, so that
// both must mean the same by it.
//
// A Device is safe for concurrent use.
package person

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// Patience is how long a device waits for what should happen.
const Patience = 30 * time.Second

// Device is one signed-in device.
type Device struct {
	base  string // the server's URL without a slash at the end
	token string
	http  *http.Client

	mu      sync.Mutex
	news    chan struct{} // closed and replaced at every change of what stands below
	state   State
	wants   bool // to be connected
	conn    *websocket.Conn
	wanted  map[myna.Scope]int64 // highest rev heard of, where it is above the cursor
	asking  map[myna.Scope]int64 // ref of the fetch under way
	lastRef int64
	answers map[myna.Nonce]answer // to posts
	errors  []wire.ErrorBody      // error frames, newest last
	pongs   int
	closed  websocket.StatusCode // of the last connection that ended, 0 if none
	trouble error                // what made following impossible
	done    chan struct{}        // of the reading goroutine
}

// answer to a post: an ack or an error.
type answer struct {
	ack wire.Ack
	err *wire.ErrorBody
}

// New makes a device that knows a server and nobody on it.
func New(base string) *Device {
	return &Device{
		base: base, http: &http.Client{Timeout: Patience, Transport: &http.Transport{}},
		news: make(chan struct{}), state: newState(),
		wanted: map[myna.Scope]int64{}, asking: map[myna.Scope]int64{}, answers: map[myna.Nonce]answer{},
	}
}

// Token is the device's session token, "" before signing in.
func (d *Device) Token() string { return d.token }

// Me is who the device belongs to.
func (d *Device) Me() wire.User {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.Me
}

// Setup makes the owner with the token of the setup link, and signs in.
func (d *Device) Setup(ctx context.Context, token, username, password string) error {
	setup := wire.Setup{Token: token, Username: username, Password: password}
	if err := d.Call(ctx, http.MethodPost, "/setup", setup, nil); err != nil {
		return err
	}
	return d.Login(ctx, username, password)
}

// Register makes an account, with an invite's code if it needs one, and signs in.
func (d *Device) Register(ctx context.Context, username, password, invite string) error {
	register := wire.Register{Username: username, Password: password, Invite: invite}
	if err := d.Call(ctx, http.MethodPost, "/users", register, nil); err != nil {
		return err
	}
	return d.Login(ctx, username, password)
}

// Login starts a session on this device, with a bearer token.
func (d *Device) Login(ctx context.Context, username, password string) error {
	var in wire.SignedIn
	login := wire.Login{Username: username, Password: password, Token: true}
	if err := d.Call(ctx, http.MethodPost, "/sessions", login, &in); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token, d.state.Me, d.state.Session = in.Token, in.User, in.Session.ID
	return nil
}

// Logout ends the session.
func (d *Device) Logout(ctx context.Context) error {
	return d.Call(ctx, http.MethodDelete, "/sessions/current", nil, nil)
}

// Until waits for ok, which gets the device's state and answers "" when it is satisfied and else what is
// still missing. It is called again at everything that happens.
func (d *Device) Until(ctx context.Context, ok func(*State) string) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	for {
		d.mu.Lock()
		missing, news, trouble := ok(&d.state), d.news, d.trouble
		d.mu.Unlock()
		if missing == "" {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			if trouble != nil {
				return fmt.Errorf("%s (following failed: %w)", missing, trouble)
			}
			return fmt.Errorf("%s", missing)
		}
	}
}

// happened wakes everybody in Until; d.mu is held.
func (d *Device) happened() {
	close(d.news)
	d.news = make(chan struct{})
}

// newNonce is a ULID: 48 bits of milliseconds, 80 random bits.
func newNonce() myna.Nonce {
	var n myna.Nonce
	_, _ = rand.Read(n[6:])
	for i, ms := 5, time.Now().UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		n[i] = byte(ms)
	}
	return n
}
