// Package webui serves the built web client from inside the binary. Everything is read, compressed and
// given its ETag once, in New; after that a Site only reads memory and is safe for concurrent use.
//
// Vite builds the client into dist, which git ignores but for placeholder.html: so the module builds
// without Node, and then says that the client is missing. Vite empties dist, therefore the same file
// stands in web/public, from where each build puts it back.
package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

const (
	shellName       = "index.html"
	placeholderName = "placeholder.html"
	hashedDir       = "assets/" // Vite puts what carries its hash in its name here
	baseMarker      = `<base href="/">`

	// Below this a compressed answer saves no packet.
	minCompressed = 1024
)

// Site is the web client as a handler. It expects paths that begin with "/", without the base.
type Site struct {
	files map[string]*file
	shell *file
	built bool
}

type file struct {
	body      []byte
	packed    []byte // gzip, nil if that is no smaller
	mediaType string
	caching   string
	etag      string
}

// New reads the embedded client. base is the path the server is mounted at, "/" or for instance
// "/chat/"; it takes the place of the marker <base href="/"> in the shell.
func New(base string) (*Site, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded client: %w", err)
	}
	return load(root, base)
}

func load(root fs.FS, base string) (*Site, error) {
	site := &Site{files: map[string]*file{}}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if name == shellName {
			body = bytes.Replace(body, []byte(baseMarker), []byte(`<base href="`+base+`">`), 1)
		}
		site.files["/"+name], err = newFile(name, body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded client: %w", err)
	}
	placeholder := site.files["/"+placeholderName]
	delete(site.files, "/"+placeholderName)
	site.shell, site.built = site.files["/"+shellName], true
	if site.shell == nil {
		site.shell, site.built = placeholder, false
	}
	if site.shell == nil {
		return nil, fmt.Errorf("the embedded client has neither %s nor %s", shellName, placeholderName)
	}
	return site, nil
}

// Built says whether the real client is inside, not only the placeholder.
func (s *Site) Built() bool { return s.built }

// ServeHTTP answers with the file, with the shell for paths the client routes itself (their last
// segment has no dot), and with 404 for a missing file.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	found := s.files[r.URL.Path]
	switch {
	case found != nil:
		found.serve(w, r)
	case strings.Contains(path.Base(r.URL.Path), "."):
		w.Header().Set("Cache-Control", "no-cache")
		http.Error(w, "there is no such file", http.StatusNotFound)
	default:
		s.shell.serve(w, r)
	}
}

func newFile(name string, body []byte) (*file, error) {
	sum := sha256.Sum256(body)
	f := &file{
		body:      body,
		mediaType: mediaType(name),
		caching:   "no-cache",
		etag:      base64.RawURLEncoding.EncodeToString(sum[:12]),
	}
	if strings.HasPrefix(name, hashedDir) {
		f.caching = "public, max-age=31536000, immutable"
	}
	if len(body) < minCompressed || !compressible(f.mediaType) {
		return f, nil
	}
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(body); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	if packed.Len() < len(body) {
		f.packed = packed.Bytes()
	}
	return f, nil
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	body, etag := f.body, `"`+f.etag+`"`
	if f.packed != nil {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			body, etag = f.packed, `"`+f.etag+`-gzip"`
			header.Set("Content-Encoding", "gzip")
		}
	}
	header.Set("Cache-Control", f.caching)
	header.Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", f.mediaType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the browser went away: nobody to tell
}

// acceptsGzip reads an Accept-Encoding header; "gzip;q=0" is a refusal.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			weight = strings.TrimSpace(weight)
			return !strings.HasPrefix(weight, "q=0") || strings.Trim(weight, "q=0.") != ""
		}
	}
	return false
}

// mediaType is fixed here because the standard library asks the machine it runs on.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".webp":
		return "image/webp"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return "application/octet-stream"
	}
}

func compressible(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || strings.Contains(mediaType, "json") || mediaType == "image/svg+xml"
}
