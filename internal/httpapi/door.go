package httpapi

import (
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/auth"
)

const (
	secureCookie = "__Host-myna" // the prefix makes browsers insist on Secure, Path=/ and no Domain
	plainCookie  = "myna_dev"    // plain HTTP: development only, where __Host- is refused
	deviceSuffix = "_device"

	deviceBytes = 32
	deviceLife  = 400 * 24 * time.Hour // the longest a browser keeps a cookie
)

// Door knows how a request says who it is from: the session in a cookie or in Authorization: Bearer,
// and the client's address behind trusted proxies. It is shared by REST and the WebSocket.
type Door struct {
	auth    *auth.Auth
	secure  bool
	cookie  string
	proxies []netip.Prefix
}

// NewDoor makes a door for a server reached at public, believing X-Forwarded-For from proxies only.
func NewDoor(a *auth.Auth, public *url.URL, proxies []netip.Prefix) *Door {
	d := &Door{auth: a, cookie: plainCookie, proxies: proxies}
	if public != nil && public.Scheme == "https" {
		d.secure, d.cookie = true, secureCookie
	}
	return d
}

// Authenticate proves the session of a request. The error is of kind Unauthorized if there is none, or
// it has ended.
func (d *Door) Authenticate(r *http.Request) (myna.Principal, myna.Session, error) {
	token, err := d.token(r)
	if err != nil {
		return myna.Principal{}, myna.Session{}, err
	}
	return d.auth.Authenticate(r.Context(), token)
}

// token finds the session's token. A request that has an Authorization header means it: the cookie is
// not looked at then.
func (d *Door) token(r *http.Request) (string, error) {
	if given := r.Header.Get("Authorization"); given != "" {
		scheme, token, _ := strings.Cut(given, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", myna.Errorf(myna.Unauthorized, myna.CodeNoSession, "the Authorization header must be: Bearer and a token")
		}
		return token, nil
	}
	if cookie, err := r.Cookie(d.cookie); err == nil && cookie.Value != "" {
		return cookie.Value, nil
	}
	return "", myna.Errorf(myna.Unauthorized, myna.CodeNoSession, "sign in first")
}

// Address is where a request comes from: the peer, unless that is a trusted proxy; then the first
// address from the right of X-Forwarded-For that is not one.
func (d *Door) Address(r *http.Request) netip.Addr {
	at := peer(r)
	if !d.trusts(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return at // what stands further left was not written by somebody trusted
		}
		at = hop.Unmap()
		if !d.trusts(at) {
			return at
		}
	}
	return at
}

func (d *Door) trusts(at netip.Addr) bool {
	for _, proxy := range d.proxies {
		if proxy.Contains(at) {
			return true
		}
	}
	return false
}

func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return netip.IPv6Unspecified() // a Unix socket
	}
	return at.Unmap().WithZone("")
}

// onlyLoopback refuses a peer that is not on this machine, or that a proxy speaks for.
func onlyLoopback(r *http.Request) error {
	if !peer(r).IsLoopback() || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return myna.Errorf(myna.Denied, myna.CodeDenied, "this is answered only on the machine the server runs on")
	}
	return nil
}

// device describes who signs in. The device's own mark, a long-lived random cookie, lets the login
// throttle tell it from strangers; a new one is made if it has none and is sent when the login worked.
func (c *call) device(kind myna.SessionKind) auth.Device {
	known, err := c.deviceCookie()
	if err != nil {
		known = make([]byte, deviceBytes)
		_, _ = rand.Read(known) // crypto/rand never fails: it ends the program instead
	}
	return auth.Device{UserAgent: c.r.UserAgent(), Address: c.address.String(), Kind: kind, Known: known}
}

func (c *call) deviceCookie() ([]byte, error) {
	cookie, err := c.r.Cookie(c.api.door.cookie + deviceSuffix)
	if err != nil {
		return nil, err
	}
	known, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(known) != deviceBytes {
		return nil, http.ErrNoCookie
	}
	return known, nil
}

// signIn sends the session's and the device's cookies.
func (c *call) signIn(token string, device auth.Device, until myna.Time) {
	c.setCookie("", token, time.Until(until.Go()))
	c.setCookie(deviceSuffix, base64.RawURLEncoding.EncodeToString(device.Known), deviceLife)
}

// signOut takes the session's cookie away; the device stays known.
func (c *call) signOut() { c.setCookie("", "", -time.Second) }

func (c *call) setCookie(suffix, value string, life time.Duration) {
	http.SetCookie(c.w, &http.Cookie{
		Name: c.api.door.cookie + suffix, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		Secure: c.api.door.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
