package config_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/myna-chat/myna/internal/config"
)

// load reads the settings as `myna serve` does. Files are written first; DIR in texts is where they are.
func load(t *testing.T, files, env map[string]string, args ...string) (*config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	put := strings.NewReplacer("DIR", dir).Replace
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range env {
		t.Setenv(name, put(value))
	}
	for i := range args {
		args[i] = put(args[i])
	}
	var flags struct {
		config.Flags
	}
	sources := config.NewSources()
	parser, err := kong.New(&flags, kong.Name("myna"), kong.Writers(io.Discard, io.Discard), sources.Option())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		return nil, err
	}
	loaded, err := flags.Load(sources)
	if err != nil {
		err = fmt.Errorf("%s", strings.ReplaceAll(err.Error(), dir, "DIR"))
	}
	return loaded, err
}

func TestDefaults(t *testing.T) {
	c, err := load(t, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		c.Listen, c.URL.String(), c.Origin(), c.URLGiven, c.Data, c.DB.Reveal(), c.TLSCache,
		c.MetricsListen, c.LogLevel, c.LogFormat, c.AllowLoadTest, len(c.TLSDomains), len(c.TrustedProxies),
	}
	want := []any{
		":8080", "http://localhost:8080", "http://localhost:8080", false, data, "sqlite:" + filepath.Join(data, "myna.db"),
		filepath.Join(data, "tls"), "127.0.0.1:8081", slog.LevelInfo, "auto", false, 0, 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrecedence(t *testing.T) {
	toml := map[string]string{"myna.toml": "log_level = 'error'\ndb = 'sqlite:toml'\nallow_load_test = true\n" +
		"trusted_proxy = ['10.0.0.1', '10.0.0.2']\nmetrics_listen = ''\n", "secret": "sqlite:secret\n"}
	cases := []struct {
		name      string
		env       map[string]string
		args      []string
		level, db string
		load      bool
		proxies   int
		metrics   string
	}{
		{"file", nil, []string{"--config=DIR/myna.toml"}, "ERROR", "sqlite:toml", true, 2, ""},
		{"file named in the environment", map[string]string{"MYNA_CONFIG": "DIR/myna.toml"}, nil, "ERROR", "sqlite:toml", true, 2, ""},
		{
			"environment over file",
			map[string]string{
				"MYNA_LOG_LEVEL": "warn", "MYNA_DB": "sqlite:env", "MYNA_ALLOW_LOAD_TEST": "false",
				"MYNA_TRUSTED_PROXY": "10.0.0.3,10.0.0.4,10.0.0.5", "MYNA_METRICS_LISTEN": "localhost:1",
			},
			[]string{"--config=DIR/myna.toml"},
			"WARN", "sqlite:env", false, 3, "localhost:1",
		},
		{
			"secret file over file",
			map[string]string{"MYNA_DB_FILE": "DIR/secret"},
			[]string{"--config", "DIR/myna.toml"},
			"ERROR", "sqlite:secret", true, 2, "",
		},
		{
			"flag over all",
			map[string]string{"MYNA_LOG_LEVEL": "warn", "MYNA_DB_FILE": "DIR/secret", "MYNA_ALLOW_LOAD_TEST": "false"},
			[]string{
				"--config=DIR/myna.toml", "--log-level=debug", "--db=sqlite:flag", "--allow-load-test",
				"--trusted-proxy=10.0.0.6", "--metrics-listen=[::1]:2",
			},
			"DEBUG", "sqlite:flag", true, 1, "[::1]:2",
		},
		{"environment alone", map[string]string{"MYNA_LOG_LEVEL": "warn", "MYNA_DB": "sqlite:env", "MYNA_METRICS_LISTEN": ""}, nil, "WARN", "sqlite:env", false, 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := load(t, toml, c.env, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got.LogLevel.String() != c.level || got.DB.Reveal() != c.db || got.AllowLoadTest != c.load ||
				len(got.TrustedProxies) != c.proxies || got.MetricsListen != c.metrics {
				t.Errorf("got %v %s %t %v %q", got.LogLevel, got.DB.Reveal(), got.AllowLoadTest, got.TrustedProxies, got.MetricsListen)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	cases := []struct {
		args                []string
		listen, url, origin string
	}{
		{[]string{"--listen=:9000"}, ":9000", "http://localhost:9000", "http://localhost:9000"},
		{[]string{"--listen=127.0.0.1:80"}, "127.0.0.1:80", "http://localhost", "http://localhost"},
		{[]string{"--url=https://Chat.Example.org:443/"}, ":8080", "https://chat.example.org", "https://chat.example.org"},
		{[]string{"--url=https://example.org:8443/team/chat/"}, ":8080", "https://example.org:8443/team/chat", "https://example.org:8443"},
		{[]string{"--tls-domain=Chat.example.org"}, ":443", "https://chat.example.org", "https://chat.example.org"},
		{[]string{"--tls-domain=a.example.org,b.example.org", "--url=https://b.example.org/x"}, ":443", "https://b.example.org/x", "https://b.example.org"},
		{[]string{"--tls-domain=a.example.org", "--listen=:8443"}, ":8443", "https://a.example.org:8443", "https://a.example.org:8443"},
		{[]string{"--url=http://[::1]:8080"}, ":8080", "http://[::1]:8080", "http://[::1]:8080"},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			got, err := load(t, nil, nil, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Listen != c.listen || got.URL.String() != c.url || got.Origin() != c.origin {
				t.Errorf("got %s %s %s", got.Listen, got.URL, got.Origin())
			}
		})
	}
}

func TestTrustedProxies(t *testing.T) {
	got, err := load(t, nil, nil, "--trusted-proxy=127.0.0.1", "--trusted-proxy=10.1.2.3/8", "--trusted-proxy=::1, fd00::/8")
	if err != nil {
		t.Fatal(err)
	}
	want := []netip.Prefix{
		netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fd00::/8"),
	}
	if fmt.Sprint(got.TrustedProxies) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got.TrustedProxies, want)
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	file := func(text string) map[string]string { return map[string]string{"myna.toml": text} }
	cases := []struct {
		name  string
		files map[string]string
		env   map[string]string
		args  []string
		want  string
	}{
		{"flag", nil, nil, []string{"--listen=8080"}, `--listen: "8080" is not an address; write HOST:PORT or :PORT`},
		{"environment", nil, map[string]string{"MYNA_LISTEN": ":http"}, nil, `MYNA_LISTEN: ":http" has no port from 0 to 65535 behind the colon`},
		{"file", file("listen = ':70000'"), nil, []string{"--config=DIR/myna.toml"}, `listen in DIR/myna.toml: ":70000" has no port from 0 to 65535 behind the colon`},
		{"not text", file("listen = 8080"), nil, []string{"--config=DIR/myna.toml"}, `listen in DIR/myna.toml: the value must be text in quotes`},
		{"list of numbers", file("tls_domain = [1]"), nil, []string{"--config=DIR/myna.toml"}, `tls_domain in DIR/myna.toml: the value must be text in quotes`},
		{"not a truth", file("allow_load_test = 'maybe'"), nil, []string{"--config=DIR/myna.toml"}, `allow_load_test in DIR/myna.toml: "maybe" is neither true nor false`},
		{"not a truth, environment", nil, map[string]string{"MYNA_ALLOW_LOAD_TEST": "si"}, nil, `MYNA_ALLOW_LOAD_TEST: "si" is neither true nor false`},
		{"unknown key", file("lissten = ':1'"), nil, []string{"--config=DIR/myna.toml"}, `lissten in DIR/myna.toml: there is no such setting; there are data, db,`},
		{"table", file("[server]\nlisten = ':1'"), nil, []string{"--config=DIR/myna.toml"}, `server in DIR/myna.toml: there is no such setting`},
		{"not TOML", file("listen = ':1'\nurl = https"), nil, []string{"--config=DIR/myna.toml"}, `--config: line 2 is not TOML`},
		{"file missing", nil, nil, []string{"--config=DIR/none.toml"}, `--config: the file DIR/none.toml does not exist`},
		{"file missing, environment", nil, map[string]string{"MYNA_CONFIG": "DIR/none.toml"}, nil, `MYNA_CONFIG: the file DIR/none.toml does not exist`},
		{"secret file missing", nil, map[string]string{"MYNA_DB_FILE": "DIR/none"}, nil, `MYNA_DB_FILE: the file DIR/none does not exist`},
		{"secret twice", map[string]string{"s": "sqlite:x"}, map[string]string{"MYNA_DB_FILE": "DIR/s", "MYNA_DB": "sqlite:y"}, nil, `MYNA_DB: it is set together with MYNA_DB_FILE; keep one of them`},
		{"database", nil, map[string]string{"MYNA_DB": "oracle://u:secret@h"}, nil, `MYNA_DB: a database URL begins with sqlite:, postgres:// or mysql://`},
		{"data", nil, nil, []string{"--data="}, `--data: it is empty; name a directory`},
		{"level", nil, nil, []string{"--log-level=loud"}, `--log-level: "loud" is none of debug, info, warn, error`},
		{"format", nil, nil, []string{"--log-format=xml"}, `--log-format: "xml" is none of auto, text, json`},
		{"url", nil, nil, []string{"--url=chat.example.org"}, `--url: "chat.example.org" is not a web address`},
		{"url, scheme", nil, nil, []string{"--url=ws://chat.example.org"}, `--url: "ws://chat.example.org" is not a web address`},
		{"url, port", nil, nil, []string{"--url=http://localhost:99999"}, `--url: "http://localhost:99999" has no port`},
		{"url, host", nil, nil, []string{"--url=https://聊天.example.org"}, `--url: write the host of "https://聊天.example.org" the way browsers send it`},
		{"url, query", nil, nil, []string{"--url=https://example.org/?a=1"}, `--url: a user, a query or a fragment has no place`},
		{"url, path", nil, nil, []string{"--url=https://example.org/a/../b"}, `--url: the path "/a/../b" must be plain`},
		{"domain", nil, nil, []string{"--tls-domain=localhost"}, `--tls-domain: "localhost" is not a full host name`},
		{"domain, address", nil, nil, []string{"--tls-domain=192.0.2.1"}, `--tls-domain: "192.0.2.1" is not a full host name`},
		{"domain and url", nil, nil, []string{"--tls-domain=a.example.org", "--url=http://a.example.org"}, `--url: with --tls-domain it must be https://`},
		{"proxy", nil, nil, []string{"--trusted-proxy=proxy.local"}, `--trusted-proxy: "proxy.local" is neither an address nor a network`},
		{"metrics for all", nil, nil, []string{"--metrics-listen=:8081"}, `--metrics-listen: ":8081" can be reached by other machines`},
		{"metrics for some", nil, nil, []string{"--metrics-listen=10.0.0.1:8081"}, `--metrics-listen: "10.0.0.1:8081" can be reached by other machines`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.files, c.env, c.args...)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret@") {
				t.Errorf("%q is more than one sentence, or tells a secret", err)
			}
		})
	}
}

func TestMetricsForOthersWhenAsked(t *testing.T) {
	c, err := load(t, nil, nil, "--metrics-listen=:8081", "--metrics-public")
	if err != nil || c.MetricsListen != ":8081" {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	_, err := load(t, map[string]string{"myna.toml": "b = 1\na = 2"}, map[string]string{"MYNA_URL": "x"}, "--config=DIR/myna.toml", "--listen=y")
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("got %v, want four lines", err)
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	const text = "postgres://u:hunter2@h/d"
	secret := config.Secret(text)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", secret, "inside", config.Base{DB: secret})
	encoded, err := json.Marshal(config.Base{DB: secret})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%s %v %+v %#v %q %x", secret, secret, config.Base{DB: secret}, config.Base{DB: secret}, secret, secret) +
		log.String() + string(encoded)
	if strings.Contains(shown, "hunter2") || strings.Contains(shown, "68756e74657232") {
		t.Errorf("shown in %s", shown)
	}
	if secret.Reveal() != text || config.Secret("").String() != "" {
		t.Error("a secret must still be of use")
	}
}
