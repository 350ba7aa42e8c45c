package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/myna-chat/myna"
)

// The encoders below write the frames that are built most often byte for byte as encoding/json would
// (with SetEscapeHTML(false)), without allocating. Everything else goes through Append.

// Append appends v as encoding/json writes it, with <, > and & left as they are.
func Append(b []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return b, fmt.Errorf("encode %T: %w", v, err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), nil
}

// AppendChange appends the change frame of c.
func AppendChange(b []byte, c myna.Change) ([]byte, error) {
	m, isMessage := c.Row.(myna.Message)
	if !isMessage {
		return Append(b, ChangeOf(c))
	}
	b = append(b, `{"type":"change","scope":"`...)
	b, _ = c.Scope.AppendText(b) // the ids, nonces and times of package myna always have a text
	b = append(b, `","rev":`...)
	b = strconv.AppendInt(b, c.Rev, 10)
	b = append(b, `,"kind":"message","row":`...)
	b = appendMessage(b, m)
	return append(b, '}'), nil
}

func appendMessage(b []byte, m myna.Message) []byte {
	b = append(b, `{"room":"`...)
	b, _ = m.Room.AppendText(b)
	b = append(b, `","seq":`...)
	b = strconv.AppendInt(b, m.Seq, 10)
	b = append(b, `,"rev":`...)
	b = strconv.AppendInt(b, m.Rev, 10)
	b = append(b, `,"author":"`...)
	b, _ = m.Author.AppendText(b)
	b = append(b, `","nonce":"`...)
	b, _ = m.Nonce.AppendText(b)
	b = append(b, `","text":`...)
	b = appendString(b, m.Text)
	b = appendMentions(b, m.Mentions)
	b = appendTime(append(b, `,"created_at":`...), m.CreatedAt)
	if !m.EditedAt.IsZero() {
		b = appendTime(append(b, `,"edited_at":`...), m.EditedAt)
	}
	if !m.DeletedAt.IsZero() {
		b = appendTime(append(b, `,"deleted_at":`...), m.DeletedAt)
	}
	return append(b, '}')
}

func appendMentions(b []byte, users []myna.UserID) []byte {
	if len(users) == 0 {
		return b
	}
	b = append(b, `,"mentions":[`...)
	for i, u := range users {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b, _ = u.AppendText(b)
		b = append(b, '"')
	}
	return append(b, ']')
}

// AppendAck appends the frame a.
func AppendAck(b []byte, a Ack) []byte {
	b = append(b, `{"type":"ack","nonce":"`...)
	b, _ = a.Nonce.AppendText(b)
	b = append(b, `","room":"`...)
	b, _ = a.Room.AppendText(b)
	b = append(b, `","seq":`...)
	b = strconv.AppendInt(b, a.Seq, 10)
	b = append(b, `,"rev":`...)
	b = strconv.AppendInt(b, a.Rev, 10)
	b = appendTime(append(b, `,"created_at":`...), a.CreatedAt)
	return append(b, '}')
}

// AppendReady appends the frame r with its heads left out and open, up to and with `"heads":{`: the
// caller appends each head with AppendHead and then "}}". A person may follow a thousand scopes, which
// as a map would be built only to be encoded.
func AppendReady(b []byte, r Ready) []byte {
	b = append(b, `{"type":"ready","user":"`...)
	b, _ = r.User.AppendText(b)
	b = append(b, `","session":"`...)
	b, _ = r.Session.AppendText(b)
	b = append(b, `","version":`...)
	b = appendString(b, r.Version)
	b = appendTime(append(b, `,"now":`...), r.Now)
	return append(b, `,"heads":{`...)
}

// AppendResync appends a resync frame left open like AppendReady's.
func AppendResync(b []byte) []byte {
	return append(b, `{"type":"resync","heads":{`...)
}

// AppendHead appends one head to an object that was opened.
func AppendHead(b []byte, s myna.Scope, rev int64) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b, _ = s.AppendText(b)
	b = append(b, `":`...)
	return strconv.AppendInt(b, rev, 10)
}

func appendTime(b []byte, t myna.Time) []byte {
	b = append(b, '"')
	b, _ = t.AppendText(b)
	return append(b, '"')
}

const hexDigits = "0123456789abcdef"

// appendString appends s quoted and escaped the way encoding/json does without HTML escaping: what is
// not UTF-8 becomes U+FFFD, and U+2028 and U+2029, which end a line in old JavaScript, are escaped.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = appendEscaped(b, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[start:i]...), `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[start:i]...), `\u202`...)
			b = append(b, hexDigits[r&0xf])
			start = i + size
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	default:
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
	}
}
