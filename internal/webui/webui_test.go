package webui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func builtSite(t *testing.T, base string) *Site {
	t.Helper()
	site, err := load(fstest.MapFS{
		"index.html":           {Data: []byte(`<html><head><base href="/"><script src="./assets/a-1234.js"></script>`)},
		"placeholder.html":     {Data: []byte("run make")},
		"sw.js":                {Data: []byte("self")},
		"assets/a-1234.js":     {Data: bytes.Repeat([]byte("let a = 1;\n"), 500)},
		"assets/bird-99.png":   {Data: bytes.Repeat([]byte("x"), 5000)},
		"manifest.webmanifest": {Data: []byte("{}")},
	}, base)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func get(site http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w
}

func TestServe(t *testing.T) {
	site := builtSite(t, "/")
	const immutable = "public, max-age=31536000, immutable"
	cases := []struct {
		name, path string
		status     int
		mediaType  string
		caching    string
	}{
		{"root is the shell", "/", 200, "text/html; charset=utf-8", "no-cache"},
		{"client route", "/c/r_00t5g2w8k3mzq/12", 200, "text/html; charset=utf-8", "no-cache"},
		{"shell by name", "/index.html", 200, "text/html; charset=utf-8", "no-cache"},
		{"worker", "/sw.js", 200, "text/javascript; charset=utf-8", "no-cache"},
		{"hashed script", "/assets/a-1234.js", 200, "text/javascript; charset=utf-8", immutable},
		{"hashed picture", "/assets/bird-99.png", 200, "image/png", immutable},
		{"manifest", "/manifest.webmanifest", 200, "application/manifest+json", "no-cache"},
		{"old hash", "/assets/a-0000.js", 404, "text/plain; charset=utf-8", "no-cache"},
		{"placeholder is hidden", "/placeholder.html", 404, "text/plain; charset=utf-8", "no-cache"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := get(site, c.path)
			if w.Code != c.status || w.Header().Get("Content-Type") != c.mediaType || w.Header().Get("Cache-Control") != c.caching {
				t.Errorf("%s: %d %q %q", c.path, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
			}
		})
	}
}

func TestCompression(t *testing.T) {
	site := builtSite(t, "/")
	plain := get(site, "/assets/a-1234.js")
	packed := get(site, "/assets/a-1234.js", "Accept-Encoding", "br, gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= plain.Body.Len() {
		t.Fatalf("not compressed: %v", packed.Header())
	}
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(reader)
	if err != nil || !bytes.Equal(unpacked, plain.Body.Bytes()) {
		t.Errorf("unpacks to %d bytes, %v", len(unpacked), err)
	}
	if refused := get(site, "/assets/a-1234.js", "Accept-Encoding", "gzip;q=0"); refused.Header().Get("Content-Encoding") != "" {
		t.Error("compressed although the client refuses it")
	}
	if picture := get(site, "/assets/bird-99.png", "Accept-Encoding", "gzip"); picture.Header().Get("Content-Encoding") != "" {
		t.Error("a picture was compressed again")
	}
}

func TestRevalidation(t *testing.T) {
	site := builtSite(t, "/")
	for _, encoding := range []string{"", "gzip"} {
		first := get(site, "/assets/a-1234.js", "Accept-Encoding", encoding)
		again := get(site, "/assets/a-1234.js", "Accept-Encoding", encoding, "If-None-Match", first.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("encoding %q: %d with %d bytes", encoding, again.Code, again.Body.Len())
		}
	}
	if w := get(site, "/", "If-None-Match", `"other"`); w.Code != http.StatusOK {
		t.Errorf("another ETag was answered %d", w.Code)
	}
}

func TestBase(t *testing.T) {
	body := get(builtSite(t, "/chat/"), "/anything").Body.String()
	if !strings.Contains(body, `<base href="/chat/">`) {
		t.Errorf("the base was not put in: %s", body)
	}
}

func TestMethods(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	w := httptest.NewRecorder()
	builtSite(t, "/").ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST was answered %d", w.Code)
	}
}

// TestWithoutNode shows that a module without a built client still says what to do.
func TestWithoutNode(t *testing.T) {
	site, err := load(fstest.MapFS{"placeholder.html": {Data: []byte("run make")}}, "/")
	if err != nil {
		t.Fatal(err)
	}
	if w := get(site, "/login"); site.Built() || w.Body.String() != "run make" {
		t.Errorf("built %v, body %q", site.Built(), w.Body.String())
	}
	if _, err := New("/"); err != nil {
		t.Errorf("the embedded files: %v", err)
	}
}

// TestPlaceholderComesBack compares the copy that a build of the client puts into dist with the
// committed one: were they different, building would change the tree.
func TestPlaceholderComesBack(t *testing.T) {
	committed, err := os.ReadFile("dist/placeholder.html")
	if err != nil {
		t.Fatal(err)
	}
	restored, err := os.ReadFile("../../web/public/placeholder.html")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, restored) {
		t.Error("internal/webui/dist/placeholder.html and web/public/placeholder.html differ")
	}
}
