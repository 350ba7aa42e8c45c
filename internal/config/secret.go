package config

import "log/slog"

const redacted = "[redacted]"

// Secret is text that is never shown: printing, logging and encoding it give "[redacted]".
type Secret string

// Reveal is the text itself, for the one who needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the text; an empty secret is shown as empty, so that one can see that it is missing.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString hides the text from %#v.
func (s Secret) GoString() string { return `config.Secret("` + s.String() + `")` }

// MarshalText hides the text from JSON and TOML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
