package obs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/myna-chat/myna/internal/obs"
)

func get(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

func TestLogFormats(t *testing.T) {
	cases := []struct {
		format string
		json   bool
	}{{obs.FormatAuto, true}, {obs.FormatJSON, true}, {obs.FormatText, false}}
	for _, c := range cases {
		t.Run(c.format, func(t *testing.T) {
			var out bytes.Buffer
			log := obs.NewLogger(&out, c.format, slog.LevelInfo)
			log.Debug("not shown")
			log.Info("listening", "address", ":8080")
			if strings.Contains(out.String(), "not shown") || strings.Contains(out.String(), "\x1b") {
				t.Errorf("got %q", out.String())
			}
			var line struct{ Level, Msg, Address string }
			err := json.Unmarshal(out.Bytes(), &line)
			if (err == nil) != c.json {
				t.Fatalf("JSON: %t, want %t: %s", err == nil, c.json, out.String())
			}
			if c.json && (line.Level != "INFO" || line.Msg != "listening" || line.Address != ":8080") {
				t.Errorf("got %+v", line)
			}
		})
	}
}

func TestLogToAFileIsJSON(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	obs.NewLogger(file, obs.FormatAuto, slog.LevelInfo).Info("hello")
	text, err := os.ReadFile(file.Name())
	if err != nil || !json.Valid(text) {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestHealth(t *testing.T) {
	if w := get(obs.Live(), "/healthz"); w.Code != http.StatusOK || w.Body.String() != "ok\n" {
		t.Errorf("live: %d %q", w.Code, w.Body)
	}
	var problem error
	var log bytes.Buffer
	ready := obs.Ready(slog.New(slog.NewTextHandler(&log, nil)), func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("the check has no time limit")
		}
		return problem
	})
	if w := get(ready, "/readyz"); w.Code != http.StatusOK {
		t.Errorf("ready: %d %q", w.Code, w.Body)
	}
	problem = errors.New("the database at 10.1.2.3 does not answer")
	w := get(ready, "/readyz")
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "10.1.2.3") {
		t.Errorf("not ready: %d %q", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "10.1.2.3") {
		t.Errorf("the log does not say why: %s", log.String())
	}
}

func TestMetrics(t *testing.T) {
	m := obs.NewMetrics("v1.2.3")
	m.Gauge("sessions", "Connected devices.", func() float64 { return 7 })
	m.Counter("messages_total", "Messages stored.", func() float64 { return 9 })
	m.Histogram("commit_seconds", "Time a commit took.", []float64{0.001, 0.01})(0.002)
	w := get(obs.Private(m, false), "http://127.0.0.1:8081/metrics")
	for _, line := range []string{
		`myna_build_info{version="v1.2.3"} 1`, "myna_sessions 7", "myna_messages_total 9",
		`myna_commit_seconds_bucket{le="0.001"} 0`, `myna_commit_seconds_bucket{le="0.01"} 1`, "go_goroutines ",
	} {
		if !strings.Contains(w.Body.String(), "\n"+line) {
			t.Errorf("there is no %s", line)
		}
	}
}

func TestPrivate(t *testing.T) {
	private := obs.Private(obs.NewMetrics("test"), false)
	cases := []struct {
		url  string
		want int
	}{
		{"http://localhost:8081/metrics", http.StatusOK},
		{"http://[::1]:8081/debug/pprof/", http.StatusOK},
		{"http://127.0.0.1/debug/pprof/heap?debug=1", http.StatusOK},
		{"http://127.0.0.1/other", http.StatusNotFound},
		{"http://evil.example:8081/metrics", http.StatusMisdirectedRequest},
		{"http://localhost.evil.example/debug/pprof/", http.StatusMisdirectedRequest},
	}
	for _, c := range cases {
		if w := get(private, c.url); w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.url, w.Code, c.want)
		}
	}
	if w := get(private, "http://localhost/debug/pprof/cmdline"); strings.Contains(w.Body.String(), "test") {
		t.Errorf("the command line is shown: %s", w.Body)
	}
	if w := get(obs.Private(obs.NewMetrics("test"), true), "http://myna:8081/metrics"); w.Code != http.StatusOK {
		t.Errorf("any host: %d", w.Code)
	}
}
