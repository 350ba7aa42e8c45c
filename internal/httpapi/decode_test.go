package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const secret = "correct horse battery staple"

// TestBadBodies sends what must not get through; no answer may repeat the password.
func TestBadBodies(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	cases := []struct {
		name, body  string
		status      int
		code, field string
	}{
		{"empty", "", 400, myna.CodeBadJSON, ""},
		{"not JSON", "username=ann&password=" + secret, 400, myna.CodeBadJSON, ""},
		{"list", `["` + secret + `"]`, 400, myna.CodeBadJSON, ""},
		{"unknown field", `{"username":"ann","password":"` + secret + `","is_admin":true}`, 400, myna.CodeUnknownField, "is_admin"},
		{"field in other case", `{"Username":"ann"}`, 400, myna.CodeUnknownField, "Username"},
		{"field twice", `{"username":"ann","password":"a","password":"` + secret + `"}`, 400, myna.CodeBadJSON, "password"},
		{"wrong type", `{"username":"ann","password":["` + secret + `"]}`, 400, myna.CodeBadJSON, "password"},
		{"number for text", `{"username":7}`, 400, myna.CodeBadJSON, "username"},
		{"text for flag", `{"username":"ann","token":"` + secret + `"}`, 400, myna.CodeBadJSON, "token"},
		{"more after the end", `{"username":"ann"} {"password":"` + secret + `"}`, 400, myna.CodeBadJSON, ""},
		{"broken off", `{"username":"ann","password":"` + secret, 400, myna.CodeBadJSON, ""},
		{"not UTF-8", "{\"username\":\"\xff\"}", 400, myna.CodeBadJSON, ""},
		{"half a surrogate", `{"username":"\ud800"}`, 400, myna.CodeBadJSON, ""},
		{"too large", `{"password":"` + strings.Repeat("x", myna.MaxBodyBytes) + `"}`, 413, myna.CodeTooLarge, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := h.in(t).nobody()
			got := p.refused(c.status, c.code, post, "/sessions", c.body)
			if got.Field != c.field {
				t.Errorf("field %q, want %q", got.Field, c.field)
			}
			if strings.Contains(got.Message, secret) || strings.Contains(h.log.String(), secret) {
				t.Errorf("the password was repeated: %s", got.Message)
			}
		})
	}
	h.nobody().refused(400, myna.CodeBadJSON, post, "/sessions", `{}`, "Content-Type", "text/plain")
}

// TestLargeBodyWithoutLength is the same limit for a body that does not say how long it is.
func TestLargeBodyWithoutLength(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	r := httptest.NewRequest(post, prefix+"/sessions", strings.NewReader(`{"password":"`+strings.Repeat("x", myna.MaxBodyBytes)+`"}`))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d", w.Code)
	}
}

func TestBadParameters(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	ann := h.owner()
	room := myna.RoomID(1).String()
	cases := []struct {
		name, path  string
		code, field string
	}{
		{"bad room id", "/rooms/general", myna.CodeBadID, "room"},
		{"user id for a room", "/rooms/" + ann.user.ID.String(), myna.CodeBadID, "room"},
		{"zero", "/rooms/r_0000000000000", myna.CodeBadID, "room"},
		{"seq 0", "/rooms/" + room + "/messages/0", myna.CodeBadValue, "seq"},
		{"seq not a number", "/rooms/" + room + "/messages/one", myna.CodeBadValue, "seq"},
		{"seq too large", "/rooms/" + room + "/messages/99999999999999999999", myna.CodeBadValue, "seq"},
		{"negative before", "/rooms/" + room + "/messages?before=-1", myna.CodeBadValue, "before"},
		{"limit too large", "/rooms/" + room + "/messages?limit=201", myna.CodeBadValue, "limit"},
		{"unknown parameter", "/rooms/" + room + "/messages?befor=1", myna.CodeUnknownField, "befor"},
		{"parameter twice", "/rooms/" + room + "/messages?before=1&before=2", myna.CodeBadValue, "before"},
		{"two directions", "/rooms/" + room + "/messages?before=1&after=2", myna.CodeBadValue, ""},
		{"bad escape", "/rooms/" + room + "/messages?before=%zz", myna.CodeBadValue, ""},
		{"not UTF-8", "/rooms?q=%ff", myna.CodeBadValue, "q"},
		{"bad scope", "/scopes/everything/changes", myna.CodeBadScope, "scope"},
		{"bad cursor page", "/rooms?after=r_", myna.CodeBadID, "after"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := *ann
			p.house = h.in(t)
			if got := p.refused(http.StatusBadRequest, c.code, get, c.path, nil); got.Field != c.field {
				t.Errorf("field %q, want %q", got.Field, c.field)
			}
		})
	}
}

// TestBadIDInBody names the element at fault.
func TestBadIDInBody(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	ann := h.owner()
	got := ann.refused(400, myna.CodeBadID, post, "/rooms", `{"nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV","kind":"direct","members":["u_0000000000001","bob"]}`)
	if got.Field != "members.1" {
		t.Errorf("field %q", got.Field)
	}
	got = ann.refused(400, myna.CodeBadNonce, post, "/rooms", `{"nonce":"1","kind":"open"}`)
	if got.Field != "nonce" {
		t.Errorf("field %q", got.Field)
	}
}

// FuzzBody: whatever is sent, decoding ends in a value or an explained refusal.
func FuzzBody(f *testing.F) {
	f.Add(`{"nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV","kind":"open","name":"x","members":["u_0000000000001"]}`)
	f.Add(`{"kind":{"a":[1,2,{"b":null}]}}`)
	f.Add(`{"nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV","nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}`)
	f.Add("{\"name\":\"\xff\"}")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(post, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		var into wire.CreateRoom
		err := decodeBody(&call{w: httptest.NewRecorder(), r: r}, &into)
		if err == nil {
			return
		}
		if e := myna.AsError(err); e.Kind != myna.Invalid || e.Message == "" || len(e.Message) > 1000 {
			t.Errorf("%q is refused with %+v", body, e)
		}
	})
}
