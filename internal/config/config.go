// Package config reads the settings of `myna serve` and of the commands beside it. A setting is taken
// from the first of: the flag, the environment variable (MYNA_…), for secrets the file named by the
// variable with _FILE behind it, the key in the TOML file named by --config, the default. The three names
// of a setting are the same but for their spelling: --trusted-proxy, MYNA_TRUSTED_PROXY, trusted_proxy.
//
// Errors name the place the wrong value came from, one sentence each. Nothing here touches the disk but
// for reading those files, and values never change after Load.
package config

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
)

// DefaultMetricsListen is where metrics and profiles are when nothing else is said.
const DefaultMetricsListen = "127.0.0.1:8081"

const (
	defaultPort    = "8080"
	defaultTLSPort = "443"
)

// Common are the flags of every command that uses the database, for kong.
type Common struct {
	Config    string `help:"Read settings from this TOML file." placeholder:"FILE" env:"MYNA_CONFIG"`
	Data      string `help:"Directory of the database, certificates and other files." placeholder:"DIR" default:"data" env:"MYNA_DATA"`
	DB        Secret `name:"db" help:"Database: sqlite:PATH, postgres://… or mysql://… (default sqlite:DIR/myna.db). MYNA_DB_FILE names a file that holds it, so that a password in it is not seen by others." placeholder:"URL" env:"MYNA_DB"`
	LogLevel  string `help:"Least important messages to log: debug, info, warn or error." placeholder:"LEVEL" default:"info" env:"MYNA_LOG_LEVEL"`
	LogFormat string `help:"text, json, or auto: text on a terminal, JSON elsewhere." placeholder:"FORMAT" default:"auto" env:"MYNA_LOG_FORMAT"`
}

// Flags are the flags of `myna serve`, for kong.
type Flags struct {
	Common
	Listen        string   `help:"Address to listen on (default :8080, every network of this machine; :443 with --tls-domain)." placeholder:"HOST:PORT" env:"MYNA_LISTEN"`
	URL           string   `name:"url" help:"The address people open, with the path if it is not at the root (default http://localhost:PORT, or https://DOMAIN with --tls-domain). Browsers are let in from there only." placeholder:"URL" env:"MYNA_URL"`
	TLSDomain     []string `name:"tls-domain" help:"Get a certificate for this name from Let's Encrypt and serve HTTPS; repeat for more." placeholder:"DOMAIN" env:"MYNA_TLS_DOMAIN"`
	TLSCache      string   `name:"tls-cache" help:"Directory that keeps the certificates (default DIR/tls)." placeholder:"DIR" env:"MYNA_TLS_CACHE"`
	TrustedProxy  []string `help:"Address or network (CIDR) of a reverse proxy whose X-Forwarded-For is believed; repeat for more." placeholder:"CIDR" env:"MYNA_TRUSTED_PROXY"`
	MetricsListen string   `help:"Address of metrics and profiles, on this machine only; empty for none." placeholder:"HOST:PORT" default:"127.0.0.1:8081" env:"MYNA_METRICS_LISTEN"`
	MetricsPublic bool     `help:"Let --metrics-listen be an address other machines can reach. Profiles show memory contents: put a firewall in front." env:"MYNA_METRICS_PUBLIC"`
	AllowLoadTest bool     `help:"Offer the bulk route of myna load, which makes users without limits. Never on a server with real people." env:"MYNA_ALLOW_LOAD_TEST"`
}

// Base are the settings every command needs, checked.
type Base struct {
	Data      string // absolute path
	DB        Secret // a URL for sqldb.Open
	LogLevel  slog.Level
	LogFormat string // auto, text or json
}

// Config are the settings of the server, checked.
type Config struct {
	Base
	Listen         string   // host:port; port 0 takes a free one
	URL            *url.URL // scheme, host and a path without a slash at the end
	URLGiven       bool     // false: URL follows from Listen, so with port 0 it is known only when listening
	TLSDomains     []string // none: plain HTTP
	TLSCache       string   // absolute path
	TrustedProxies []netip.Prefix
	MetricsListen  string // "" for none
	AllowLoadTest  bool
}

// Origin is what a browser sends as Origin from a page of ours: scheme, host and port of URL.
func (c *Config) Origin() string { return c.URL.Scheme + "://" + c.URL.Host }

// Load checks the settings of a command that is not the server.
func (f *Common) Load(s *Sources) (Base, error) {
	c := s.checker()
	base := f.load(c)
	return base, c.result()
}

func (f *Common) load(c *checker) Base {
	data := c.path("data", f.Data)
	base := Base{
		Data:      data,
		DB:        c.database("db", f.DB),
		LogLevel:  c.level("log-level", f.LogLevel),
		LogFormat: c.oneOf("log-format", f.LogFormat, "auto", "text", "json"),
	}
	if base.DB == "" {
		base.DB = Secret("sqlite:" + filepath.Join(data, "myna.db"))
	}
	return base
}

// Load checks the settings of the server.
func (f *Flags) Load(s *Sources) (*Config, error) {
	c := s.checker()
	config := &Config{
		Base:           f.load(c),
		TLSDomains:     c.domains("tls-domain", f.TLSDomain),
		TrustedProxies: c.networks("trusted-proxy", f.TrustedProxy),
		MetricsListen:  f.metrics(c),
		AllowLoadTest:  f.AllowLoadTest,
	}
	config.Listen = f.listen(c)
	config.TLSCache = filepath.Join(config.Data, "tls")
	if f.TLSCache != "" {
		config.TLSCache = c.path("tls-cache", f.TLSCache)
	}
	f.url(c, config)
	if err := c.result(); err != nil {
		return nil, err
	}
	return config, nil
}

func (f *Flags) listen(c *checker) string {
	switch {
	case f.Listen != "":
		return c.address("listen", f.Listen)
	case len(f.TLSDomain) > 0:
		return ":" + defaultTLSPort
	default:
		return ":" + defaultPort
	}
}

// metrics refuses an address others can reach, because metrics and profiles tell much about a server.
func (f *Flags) metrics(c *checker) string {
	if f.MetricsListen == "" {
		return ""
	}
	address := c.address("metrics-listen", f.MetricsListen)
	host, _, err := net.SplitHostPort(address)
	if err != nil || f.MetricsPublic || host == "localhost" {
		return address // a wrong one was told already
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		c.fail("metrics-listen", "%q can be reached by other machines; use 127.0.0.1:PORT, or add --metrics-public", f.MetricsListen)
	}
	return address
}

func (f *Flags) url(c *checker, config *Config) {
	config.URLGiven = f.URL != ""
	switch {
	case config.URLGiven:
		config.URL = c.url("url", f.URL)
	case len(config.TLSDomains) > 0:
		config.URL = &url.URL{Scheme: "https", Host: hostWithPort(config.TLSDomains[0], portOf(config.Listen), defaultTLSPort)}
	default:
		config.URL = &url.URL{Scheme: "http", Host: hostWithPort("localhost", portOf(config.Listen), "80")}
	}
	if config.URLGiven && len(config.TLSDomains) > 0 && config.URL != nil {
		c.matches("url", config.URL, config.TLSDomains)
	}
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil { // told already
		return defaultPort
	}
	return port
}

// hostWithPort leaves out the port a browser leaves out, because Origin is compared as text.
func hostWithPort(host, port, usual string) string {
	if port == usual {
		return host
	}
	return net.JoinHostPort(host, port)
}

// result is all that was wrong, a sentence a line.
func (c *checker) result() error {
	return errors.Join(append(c.sources.problems(), c.errs...)...)
}

func validPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}
