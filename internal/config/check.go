package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// checker turns texts into values and gathers what is wrong with them.
type checker struct {
	sources *Sources
	errs    []error
}

// fail notes a problem of a flag's value under the name of the place the value came from.
func (c *checker) fail(flag, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", c.sources.name(flag), fmt.Sprintf(format, args...)))
}

func (c *checker) path(flag, value string) string {
	if value == "" {
		c.fail(flag, "it is empty; name a directory")
		return ""
	}
	abs, err := filepath.Abs(value)
	if err != nil {
		c.fail(flag, "%q cannot be found: %v", value, err)
	}
	return abs
}

func (c *checker) database(flag string, value Secret) Secret {
	scheme, _, _ := strings.Cut(value.Reveal(), ":")
	known := []string{"sqlite", "postgres", "postgresql", "mysql", "mariadb"}
	if value != "" && !slices.Contains(known, scheme) {
		c.fail(flag, "a database URL begins with sqlite:, postgres:// or mysql://")
	}
	return value
}

func (c *checker) level(flag, value string) (level slog.Level) {
	c.oneOf(flag, strings.ToLower(value), "debug", "info", "warn", "error")
	_ = level.UnmarshalText([]byte(value)) // what it does not know was told just now
	return level
}

func (c *checker) oneOf(flag, value string, allowed ...string) string {
	if !slices.Contains(allowed, value) {
		c.fail(flag, "%q is none of %s", value, strings.Join(allowed, ", "))
	}
	return value
}

func (c *checker) address(flag, value string) string {
	host, port, err := net.SplitHostPort(value)
	switch {
	case err != nil:
		c.fail(flag, "%q is not an address; write HOST:PORT or :PORT", value)
	case !validPort(port):
		c.fail(flag, "%q has no port from 0 to 65535 behind the colon", value)
	case strings.Contains(host, "/"):
		c.fail(flag, "%q has a slash in its host", value)
	}
	return value
}

func (c *checker) url(flag, value string) *url.URL {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		c.fail(flag, "%q is not a web address; write https://chat.example.org, or with a path https://example.org/chat", value)
		return nil
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		c.fail(flag, "a user, a query or a fragment has no place in the server's address")
		return nil
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }):
		c.fail(flag, "write the host of %q the way browsers send it, in letters and digits that begin with xn--", value)
		return nil
	case u.Port() != "" && !validPort(u.Port()):
		c.fail(flag, "%q has no port from 0 to 65535 behind the colon", value)
		return nil
	}
	clean := path.Clean("/" + u.Path)
	if strings.Trim(clean, "/") != strings.Trim(u.Path, "/") || strings.ContainsAny(u.Path, "%?#;\\ ") {
		c.fail(flag, "the path %q must be plain, as in /chat", u.Path)
		return nil
	}
	usual := map[string]string{"http": "80", "https": defaultTLSPort}[u.Scheme]
	host := strings.ToLower(u.Host) // as browsers write it in Origin
	if u.Port() == usual {
		host = strings.TrimSuffix(host, ":"+usual)
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.TrimSuffix(host, ":"), Path: strings.TrimSuffix(clean, "/")}
}

// matches refuses an address that the certificates do not cover.
func (c *checker) matches(flag string, u *url.URL, domains []string) {
	if u.Scheme != "https" || !slices.Contains(domains, u.Hostname()) {
		c.fail(flag, "with --tls-domain it must be https:// and one of the domains: %s", strings.Join(domains, ", "))
	}
}

// domain is a full host name: letters, digits and inner hyphens between dots.
var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (c *checker) domains(flag string, values []string) (domains []string) {
	for _, value := range values {
		lower := strings.ToLower(strings.TrimSpace(value))
		if _, err := netip.ParseAddr(lower); err == nil || !domain.MatchString(lower) {
			c.fail(flag, "%q is not a full host name such as chat.example.org", value)
			continue
		}
		domains = append(domains, lower)
	}
	return domains
}

func (c *checker) networks(flag string, values []string) (networks []netip.Prefix) {
	for _, value := range values {
		text := strings.TrimSpace(value)
		if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
			ip = ip.Unmap()
			networks = append(networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			c.fail(flag, "%q is neither an address nor a network such as 10.0.0.0/8", value)
			continue
		}
		networks = append(networks, network.Masked())
	}
	return networks
}
