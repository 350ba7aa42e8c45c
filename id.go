package myna

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// An ID is 63 bits: 41 bits of milliseconds since the start of 2025 (good until 2094) above 22 random
// bits, so rows made later sort later without a shared counter. Shown to the outside as a prefix and
// 13 characters of Crockford's base 32, for instance "u_00t5g2w8k3mzq".
type (
	UserID    int64
	RoomID    int64
	SessionID int64
	InviteID  int64
)

const (
	idEpochMillis = 1_735_689_600_000 // 2025-01-01T00:00:00Z
	idRandomBits  = 22
	idTextLen     = 13
	idAlphabet    = "0123456789abcdefghjkmnpqrstvwxyz"
)

// NewID makes the number of an ID for something created at now.
func NewID(now time.Time) int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails: it ends the program instead
	random := binary.BigEndian.Uint64(b[:]) & (1<<idRandomBits - 1)
	millis := max(now.UnixMilli()-idEpochMillis, 0)
	return millis<<idRandomBits | int64(random)
}

func (id UserID) String() string    { return string(appendID(nil, "u_", int64(id))) }
func (id RoomID) String() string    { return string(appendID(nil, "r_", int64(id))) }
func (id SessionID) String() string { return string(appendID(nil, "s_", int64(id))) }
func (id InviteID) String() string  { return string(appendID(nil, "i_", int64(id))) }

// AppendText appends the prefixed form; the hot encoders use it to stay free of allocation.
func (id UserID) AppendText(b []byte) ([]byte, error) { return appendID(b, "u_", int64(id)), nil }

func (id RoomID) AppendText(b []byte) ([]byte, error) { return appendID(b, "r_", int64(id)), nil }

func (id SessionID) AppendText(b []byte) ([]byte, error) { return appendID(b, "s_", int64(id)), nil }

func (id InviteID) AppendText(b []byte) ([]byte, error) { return appendID(b, "i_", int64(id)), nil }

func (id UserID) MarshalText() ([]byte, error)    { return id.AppendText(nil) }
func (id RoomID) MarshalText() ([]byte, error)    { return id.AppendText(nil) }
func (id SessionID) MarshalText() ([]byte, error) { return id.AppendText(nil) }
func (id InviteID) MarshalText() ([]byte, error)  { return id.AppendText(nil) }

func (id *UserID) UnmarshalText(b []byte) error { return parseInto((*int64)(id), "u_", "user", b) }
func (id *RoomID) UnmarshalText(b []byte) error { return parseInto((*int64)(id), "r_", "room", b) }
func (id *SessionID) UnmarshalText(b []byte) error {
	return parseInto((*int64)(id), "s_", "session", b)
}

func (id *InviteID) UnmarshalText(b []byte) error { return parseInto((*int64)(id), "i_", "invite", b) }

// ParseUserID reads the prefixed form of a user id; the error is of kind Invalid.
func ParseUserID(s string) (UserID, error) {
	var id UserID
	err := id.UnmarshalText([]byte(s))
	return id, err
}

// ParseRoomID reads the prefixed form of a room id; the error is of kind Invalid.
func ParseRoomID(s string) (RoomID, error) {
	var id RoomID
	err := id.UnmarshalText([]byte(s))
	return id, err
}

// ParseSessionID reads the prefixed form of a session id; the error is of kind Invalid.
func ParseSessionID(s string) (SessionID, error) {
	var id SessionID
	err := id.UnmarshalText([]byte(s))
	return id, err
}

// ParseInviteID reads the prefixed form of an invite id; the error is of kind Invalid.
func ParseInviteID(s string) (InviteID, error) {
	var id InviteID
	err := id.UnmarshalText([]byte(s))
	return id, err
}

func appendID(b []byte, prefix string, n int64) []byte {
	b = append(b, prefix...)
	for shift := 5 * (idTextLen - 1); shift >= 0; shift -= 5 {
		b = append(b, idAlphabet[n>>shift&31])
	}
	return b
}

func parseInto(id *int64, prefix, noun string, text []byte) error {
	rest, ok := strings.CutPrefix(string(text), prefix)
	if !ok || len(rest) != idTextLen {
		return Errorf(Invalid, CodeBadID, "%q is not a %s id: it must be %q and %d characters", clip(text), noun, prefix, idTextLen)
	}
	var n int64
	for _, c := range []byte(rest) {
		digit := strings.IndexByte(idAlphabet, c)
		if digit < 0 || n > (1<<63-1)>>5 {
			return Errorf(Invalid, CodeBadID, "%q is not a %s id: character %q does not belong there", clip(text), noun, c)
		}
		n = n<<5 | int64(digit)
	}
	if n == 0 {
		return Errorf(Invalid, CodeBadID, "%q is not a %s id: zero is nobody's", clip(text), noun)
	}
	*id = n
	return nil
}

// clip keeps an error message short whatever was sent.
func clip(text []byte) string {
	const most = 40
	if len(text) > most {
		return fmt.Sprintf("%s…", text[:most])
	}
	return string(text)
}
