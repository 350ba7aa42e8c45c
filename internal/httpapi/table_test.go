package httpapi

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
)

func nonce() (n myna.Nonce) {
	_, _ = rand.Read(n[:])
	n[0] &= 0x7f
	return n
}

// TestTable checks every line, and that names and addresses are used once.
func TestTable(t *testing.T) {
	ids, addresses := map[string]bool{}, map[string]bool{}
	for _, r := range (&API{}).routes() {
		if err := r.check(); err != nil {
			t.Error(err)
		}
		if ids[r.id] || addresses[r.method+r.path] {
			t.Errorf("%s %s (%s) stands twice in the table", r.method, r.path, r.id)
		}
		ids[r.id], addresses[r.method+r.path] = true, true
	}
}

// TestIncompleteRoutesAreRefused shows that nothing can be registered that leaves open who may use it.
func TestIncompleteRoutesAreRefused(t *testing.T) {
	a := &API{}
	whole := func() route { return a.accountRoutes()[3] }
	for name, spoil := range map[string]func(*route){
		"access":               func(r *route) { r.access = 0 },
		"verb":                 func(r *route) { r.verb = 0 },
		"method":               func(r *route) { r.method = "" },
		"handler":              func(r *route) { r.endpoint = endpoint{} },
		"summary":              func(r *route) { r.summary = "" },
		"public with a verb":   func(r *route) { r.access = public },
		"loopback with a verb": func(r *route) { r.access = loopback },
	} {
		t.Run(name, func(t *testing.T) {
			r := whole()
			if err := r.check(); err != nil {
				t.Fatal(err)
			}
			spoil(&r)
			if err := r.check(); err == nil {
				t.Error("was let through")
			}
		})
	}
}

// TestSessionVerbs keeps the verbs of session routes to those that Can decides without a room.
func TestSessionVerbs(t *testing.T) {
	owner := myna.Principal{User: 1, Role: myna.RoleOwner}
	for _, r := range (&API{}).routes() {
		if r.access == session && !myna.Can(owner, r.verb, nil) {
			t.Errorf("%s %s: not even the owner may do this; is its verb about a room?", r.method, r.path)
		}
	}
}

// TestOpenAPIMatchesTable compares the description with the table, both ways.
func TestOpenAPIMatchesTable(t *testing.T) {
	text, err := OpenAPI("")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string           `json:"operationId"`
			Access      string           `json:"x-access"`
			Security    []map[string]any `json:"security"`
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	described := 0
	for _, r := range (&API{}).routes() {
		op, ok := doc.Paths[r.path][strings.ToLower(r.method)]
		if !ok || op.OperationID != r.id || op.Access != r.access.String() {
			t.Errorf("%s %s is described as %+v", r.method, r.path, op)
		}
		if needs := r.access != public && r.access != loopback; needs != (len(op.Security) > 0) {
			t.Errorf("%s %s: security %v", r.method, r.path, op.Security)
		}
	}
	for _, methods := range doc.Paths {
		described += len(methods)
	}
	if described != len((&API{}).routes()) {
		t.Errorf("%d operations are described, %d stand in the table", described, len((&API{}).routes()))
	}
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// example fills the parameters of a path with values that can be read.
func example(path string) string {
	values := map[string]string{
		"room": myna.RoomID(1).String(), "user": myna.UserID(1).String(), "session": myna.SessionID(1).String(),
		"invite": myna.InviteID(1).String(), "seq": "1", "scope": "directory", "code": "abc",
	}
	return pathParameter.ReplaceAllStringFunc(path, func(name string) string { return values[strings.Trim(name, "{}")] })
}

// TestEverythingElseNeedsASession asks for every route that is not public without a session, with a
// made-up cookie, and with a made-up token.
func TestEverythingElseNeedsASession(t *testing.T) {
	h := newHouse(t, "https://myna.example", nil)
	for _, r := range h.api.routes() {
		if r.access != session && r.access != inRoom {
			continue
		}
		nobody := h.nobody()
		nobody.refused(http.StatusUnauthorized, myna.CodeNoSession, r.method, example(r.path), nil)
		for _, header := range [][]string{
			{"Cookie", secureCookie + "=myna_s_AAAA"},
			{"Authorization", "Bearer myna_s_AAAA"},
			{"Authorization", "Basic YW5uOmFubg=="},
			{"Cookie", plainCookie + "=myna_s_AAAA"},
		} {
			if w := nobody.do(r.method, example(r.path), nil, header...); w.Code != http.StatusUnauthorized {
				t.Errorf("%s %s with %v: %d", r.method, r.path, header, w.Code)
			}
		}
	}
}
