package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func TestAddress(t *testing.T) {
	door := NewDoor(nil, nil, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")})
	cases := []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.5:99", nil, "203.0.113.5"},
		{"stranger lies", "203.0.113.5:99", []string{"192.0.2.1"}, "203.0.113.5"},
		{"one proxy", "10.0.0.1:99", []string{"192.0.2.1"}, "192.0.2.1"},
		{"client lies to the proxy", "10.0.0.1:99", []string{"127.0.0.1, 192.0.2.1"}, "192.0.2.1"},
		{"two proxies", "10.0.0.1:99", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"two headers", "10.0.0.1:99", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		{"proxies only", "10.0.0.1:99", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no header", "10.0.0.1:99", nil, "10.0.0.1"},
		{"garbage", "10.0.0.1:99", []string{"192.0.2.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"mapped", "[::ffff:10.0.0.1]:99", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"IPv6", "[fd00::1]:99", []string{"2001:db8::7"}, "2001:db8::7"},
		{"Unix socket", "@", nil, "::"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(get, "/", nil)
			r.RemoteAddr = c.peer
			for _, value := range c.forwarded {
				r.Header.Add("X-Forwarded-For", value)
			}
			if got := door.Address(r); got.String() != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestCookies(t *testing.T) {
	for public, name := range map[string]string{"https://myna.example": "__Host-myna", "http://localhost:8080": "myna_dev"} {
		h := newHouse(t, public, nil)
		h.owner()
		w := h.nobody().do(post, "/sessions", wire.Login{Username: "ann", Password: goodPassword})
		cookies := w.Result().Cookies()
		if len(cookies) != 2 || cookies[0].Name != name || cookies[1].Name != name+"_device" {
			t.Fatalf("%s: %v", public, cookies)
		}
		for _, c := range cookies {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge < 3600 ||
				c.Secure != strings.HasPrefix(public, "https") {
				t.Errorf("%s: %+v", public, c)
			}
		}
	}
}

// TestDeviceStays shows that a device is the same at its next sign-in, and that nonsense is replaced.
func TestDeviceStays(t *testing.T) {
	h := newHouse(t, "https://myna.example", nil)
	ann := h.owner()
	const name = secureCookie + deviceSuffix
	before := ann.cookies[name]
	login := wire.Login{Username: "ann", Password: goodPassword}
	ask[wire.SignedIn](ann, post, "/sessions", login)
	if ann.cookies[name] != before || before == "" {
		t.Error("the device changed")
	}
	ann.cookies[name] = "made up"
	ask[wire.SignedIn](ann, post, "/sessions", login)
	if len(ann.cookies[name]) != len(before) {
		t.Errorf("a made-up mark was kept: %q", ann.cookies[name])
	}
}

// TestCrossSite covers what another website can make a browser send.
func TestCrossSite(t *testing.T) {
	h := newHouse(t, "https://myna.example", nil)
	ann := h.owner()
	name := "Ann"
	cases := []struct {
		name   string
		header []string
		ok     bool
	}{
		{"program", nil, true},
		{"own page", []string{"Origin", "https://myna.example", "Sec-Fetch-Site", "same-origin"}, true},
		{"own page, old browser", []string{"Origin", "https://myna.example"}, true},
		{"other site", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, false},
		{"other site, old browser", []string{"Origin", "https://evil.example"}, false},
		{"subdomain", []string{"Origin", "https://x.myna.example", "Sec-Fetch-Site", "same-site"}, false},
		{"hidden origin", []string{"Origin", "null"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := ann.do(patch, "/me", wire.UpdateProfile{Name: &name}, c.header...)
			if ok := w.Code == http.StatusOK; ok != c.ok || !ok && !strings.Contains(w.Body.String(), myna.CodeWrongOrigin) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestRateLimits(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", func(o *Options) { o.Rates = Rates{User: Rate{0.5, 3}, Address: Rate{0.5, 10}} })
	ann := h.owner()
	for range 3 {
		ask[wire.User](ann, get, "/me", nil)
	}
	body := ann.refused(http.StatusTooManyRequests, myna.CodeTooMany, get, "/me", nil)
	w := ann.do(get, "/me", nil)
	if body.RetryAfter < 1 || body.RetryAfter > 2 || w.Header().Get("Retry-After") == "" {
		t.Errorf("retry after %d, header %q", body.RetryAfter, w.Header().Get("Retry-After"))
	}
	guesser := h.nobody()
	guesser.token = "myna_s_guess"
	limited := false
	for range 12 {
		limited = limited || guesser.do(get, "/me", nil).Code == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("guessing tokens was not slowed down")
	}
}

func TestLimiter(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter[int](Rate{PerSecond: 2, Burst: 2}, func() time.Time { return now })
	take := func(key, times int) (let int) {
		for range times {
			if l.take(key) == nil {
				let++
			}
		}
		return let
	}
	if a, b := take(1, 3), take(2, 3); a != 2 || b != 2 {
		t.Errorf("bursts of %d and %d, want 2 a key", a, b)
	}
	now = now.Add(500 * time.Millisecond)
	if again := take(1, 3); again != 1 {
		t.Errorf("%d more after half a second, want 1", again)
	}
	if err := myna.AsError(l.take(1)); err.Kind != myna.Limited || err.RetryAfter != 500*time.Millisecond {
		t.Errorf("refused with %+v", err)
	}
	for key := range 3 * limiterShards * shardKeys {
		_ = l.take(key)
	}
	for i := range l.shards {
		if n := len(l.shards[i].keys); n > shardKeys {
			t.Errorf("shard %d holds %d keys", i, n)
		}
	}
}

func TestBucket(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "::": "::/64",
	} {
		if got := bucket(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is counted by %s, want %s", address, got, want)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := newHouse(t, "https://myna.example:8443/chat", nil)
	w := h.nobody().do(get, "/limits", nil)
	policy := w.Header().Get("Content-Security-Policy")
	for _, part := range []string{
		"default-src 'self'", "script-src 'self'", "connect-src 'self' wss://myna.example:8443;",
		"frame-ancestors 'none'", "require-trusted-types-for 'script'",
	} {
		if !strings.Contains(policy+";", part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		"Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	plain, _ := url.Parse("http://localhost:8080")
	for _, header := range securityHeaders(plain) {
		if header.name == "Strict-Transport-Security" {
			t.Error("HSTS without TLS")
		}
	}
}
