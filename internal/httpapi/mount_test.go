package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func TestNoSuchAddress(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	p := h.nobody()
	p.refused(http.StatusNotFound, myna.CodeNotFound, get, "/nothing", nil)
	p.refused(http.StatusNotFound, myna.CodeNotFound, get, "!/api/v2/rooms", nil)
	p.refused(http.StatusMethodNotAllowed, myna.CodeBadMethod, put, "/rooms", nil)
	if allow := p.do(put, "/rooms", nil).Header().Get("Allow"); allow != "GET, POST" {
		t.Errorf("Allow: %q", allow)
	}
}

// TestSubPath mounts everything below a path and leaves the rest of the host alone.
func TestSubPath(t *testing.T) {
	web := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "web "+r.URL.Path) })
	live := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := newHouse(t, "https://myna.example/chat/", func(o *Options) { o.Web, o.Live = web, live })
	p := h.nobody()
	cases := []struct {
		path   string
		status int
		body   string
	}{
		{"/chat/api/v1/limits", 200, "message_bytes"},
		{"/chat/api/v1/live", http.StatusTeapot, ""},
		{"/chat/", 200, "web /"},
		{"/chat/c/r_1", 200, "web /c/r_1"},
		{"/chat/assets/a.js", 200, "web /assets/a.js"},
		{"/", http.StatusFound, ""},
		{"/api/v1/limits", 404, ""},
		{"/other", 404, ""},
	}
	for _, c := range cases {
		w := p.do(get, "!"+c.path, nil)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
	if to := p.do(get, "!/", nil).Header().Get("Location"); to != "/chat/" {
		t.Errorf("/ leads to %q", to)
	}
}

// TestPanic keeps the server alive and the client informed.
func TestPanic(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	broken := route{
		method: get, path: "/broken", access: public, id: "broken", tag: "server", summary: "Breaks",
		endpoint: typed(func(*call, *nothing) (none, error) { panic("a fault") }),
	}
	h.api.mux.Handle("GET "+prefix+"/broken", h.api.through(&broken))
	h.nobody().refused(http.StatusInternalServerError, myna.CodeInternal, get, "/broken", nil)
	if !strings.Contains(h.log.String(), "a fault") {
		t.Error("the panic was not logged")
	}
}

// TestInternalErrors are logged and not told.
func TestInternalErrors(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	failing := route{
		method: get, path: "/failing", access: public, id: "failing", tag: "server", summary: "Fails",
		endpoint: typed(func(*call, *nothing) (none, error) { return none{}, io.ErrClosedPipe }),
	}
	h.api.mux.Handle("GET "+prefix+"/failing", h.api.through(&failing))
	body := h.nobody().refused(http.StatusInternalServerError, myna.CodeInternal, get, "/failing", nil)
	if strings.Contains(body.Message, "pipe") || !strings.Contains(h.log.String(), "pipe") {
		t.Errorf("told %q, logged %q", body.Message, h.log.String())
	}
}

// TestPanicOfTheWebSocket is answered and logged like any other.
func TestPanicOfTheWebSocket(t *testing.T) {
	live := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a live fault") })
	h := newHouse(t, "http://localhost:8080", func(o *Options) { o.Live = live })
	h.nobody().refused(http.StatusInternalServerError, myna.CodeInternal, get, "/live", nil)
	if !strings.Contains(h.log.String(), "a live fault") {
		t.Error("the panic was not logged")
	}
}

// TestGoneClients do not fill the log: that a request was given up is no error of the server.
func TestGoneClients(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	ann := h.owner()
	gone, leave := context.WithCancel(context.Background())
	leave()
	r := httptest.NewRequestWithContext(gone, get, prefix+"/sync", nil)
	r.Header.Set("Cookie", plainCookie+"="+ann.cookies[plainCookie])
	h.api.ServeHTTP(httptest.NewRecorder(), r)
	if log := h.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("logged: %s", log)
	}
}

func TestLimitsRoute(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	if limits := ask[wire.Limits](h.nobody(), get, "/limits", nil); limits != wire.Bounds() {
		t.Errorf("limits: %+v", limits)
	}
	if w := h.nobody().do(http.MethodHead, "/limits", nil); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

// TestDocs keeps the page free of scripts, inline styles and other hosts.
func TestDocs(t *testing.T) {
	h := newHouse(t, "https://myna.example/chat", nil)
	page := h.nobody().do(get, "/docs", nil)
	text := page.Body.String()
	if page.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(text, "/chat/api/v1") {
		t.Errorf("page: %v", page.Header())
	}
	for _, bad := range []string{"<script", "style=", "http://", "https://", "<no value>"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for _, r := range h.api.routes() {
		if !strings.Contains(text, `id="`+r.id+`"`) {
			t.Errorf("%s is missing on the page", r.id)
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, `id="`+link[1]+`"`) {
			t.Errorf("the page links to #%s, which is not there", link[1])
		}
	}
	if css := h.nobody().do(get, "/docs.css", nil); css.Code != 200 || css.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("style: %d %v", css.Code, css.Header())
	}
	var spec map[string]any
	if err := json.Unmarshal(h.nobody().do(get, "/openapi.json", nil).Body.Bytes(), &spec); err != nil {
		t.Error(err)
	}
}

// TestNilLists: an empty list is [], never null.
func TestNilLists(t *testing.T) {
	h := newHouse(t, "http://localhost:8080", nil)
	ann := h.owner()
	room := ann.channel("open", "Empty")
	for _, path := range []string{"/invites", "/rooms?q=zzz", "/rooms/" + room.Room.ID.String() + "/messages", "/sync"} {
		w := ann.do(get, path, nil)
		if strings.Contains(w.Body.String(), "null") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}
