package load

import (
	"bytes"
	"encoding/json"

	"github.com/myna-chat/myna/wire"
)

// change is what the checker needs of a change frame. Slices point into the frame.
type change struct {
	scope   []byte
	rev     int64
	message bool
	seq     int64
	nonce   []byte // 26 characters, of a message
}

// ack is what the checker needs of an ack frame.
type ack struct {
	nonce []byte
	room  []byte
	seq   int64
	rev   int64
}

// cursor reads a frame from the left; ok turns false at the first thing that is not as expected.
type cursor struct {
	rest []byte
	ok   bool
}

func (c *cursor) expect(s string) {
	if len(c.rest) < len(s) || string(c.rest[:len(s)]) != s {
		c.ok = false
		return
	}
	c.rest = c.rest[len(s):]
}

// text reads to the closing quote of a string that needs no escapes: ids, nonces, kinds.
func (c *cursor) text() []byte {
	end := bytes.IndexByte(c.rest, '"')
	if end < 0 {
		c.ok = false
		return nil
	}
	s := c.rest[:end]
	c.rest = c.rest[end+1:]
	return s
}

func (c *cursor) number() int64 {
	var n int64
	i := 0
	for ; i < len(c.rest) && c.rest[i] >= '0' && c.rest[i] <= '9'; i++ {
		n = n*10 + int64(c.rest[i]-'0')
	}
	c.ok = c.ok && i > 0
	c.rest = c.rest[i:]
	return n
}

// frameType is the value of the "type" key, which the server writes first; "" if it does not.
func frameType(b []byte) []byte {
	c := cursor{rest: b, ok: true}
	c.expect(`{"type":"`)
	if !c.ok {
		return nil
	}
	return c.text()
}

// scanChange reads a change frame whose keys stand in the order of package wire, without decoding the
// text; anything else goes the slow way through encoding/json.
func scanChange(b []byte) (change, bool) {
	ch, _, ok := scanChangePrefix(b)
	if ok {
		return ch, true
	}
	return decodeChange(b)
}

// scanChangePrefix reads up to the nonce and gives what follows.
func scanChangePrefix(b []byte) (ch change, rest []byte, ok bool) {
	c := cursor{rest: b, ok: true}
	c.expect(`{"type":"change","scope":"`)
	if !c.ok {
		return ch, nil, false
	}
	ch.scope = c.text()
	c.expect(`,"rev":`)
	ch.rev = c.number()
	c.expect(`,"kind":"`)
	if !c.ok {
		return ch, nil, false
	}
	kind := c.text()
	c.expect(`,"row":{`)
	if string(kind) != "message" || !c.ok {
		return ch, c.rest, c.ok
	}
	ch.message = true
	c.expect(`"room":"`)
	c.text()
	c.expect(`,"seq":`)
	ch.seq = c.number()
	c.expect(`,"rev":`)
	c.number()
	c.expect(`,"author":"`)
	c.text()
	c.expect(`,"nonce":"`)
	if !c.ok {
		return ch, nil, false
	}
	ch.nonce = c.text()
	return ch, c.rest, c.ok
}

type slowChange struct {
	Type  string `json:"type"`
	Scope string `json:"scope"`
	Rev   int64  `json:"rev"`
	Kind  string `json:"kind"`
	Row   struct {
		Room  string `json:"room"`
		Seq   int64  `json:"seq"`
		Rev   int64  `json:"rev"`
		Nonce string `json:"nonce"`
		Text  string `json:"text"`
	} `json:"row"`
}

func decodeChange(b []byte) (change, bool) {
	var s slowChange
	if json.Unmarshal(b, &s) != nil || s.Type != wire.FrameChange || s.Scope == "" || s.Rev <= 0 {
		return change{}, false
	}
	return s.change(), true
}

func (s slowChange) change() change {
	ch := change{scope: []byte(s.Scope), rev: s.Rev}
	if s.Kind == "message" {
		ch.message, ch.seq, ch.nonce = true, s.Row.Seq, []byte(s.Row.Nonce)
	}
	return ch
}

// sameChange decodes a frame fully and says whether the scan of it was right, the row agrees with its
// envelope, and the text is as long as what was sent. It is used on a sample.
func sameChange(b []byte, ch change, textLen int) bool {
	var s slowChange
	if json.Unmarshal(b, &s) != nil {
		return false
	}
	full := s.change()
	if string(full.scope) != string(ch.scope) || full.rev != ch.rev || full.message != ch.message ||
		full.seq != ch.seq || string(full.nonce) != string(ch.nonce) {
		return false
	}
	return !ch.message || s.Row.Room == s.Scope && s.Row.Rev == s.Rev && (textLen == 0 || len(s.Row.Text) == textLen)
}

func scanAck(b []byte) (ack, bool) {
	c := cursor{rest: b, ok: true}
	var a ack
	c.expect(`{"type":"ack","nonce":"`)
	if c.ok {
		a.nonce = c.text()
		c.expect(`,"room":"`)
		a.room = c.text()
		c.expect(`,"seq":`)
		a.seq = c.number()
		c.expect(`,"rev":`)
		a.rev = c.number()
	}
	if c.ok {
		return a, true
	}
	var slow struct {
		Nonce, Room string
		Seq, Rev    int64
	}
	if json.Unmarshal(b, &slow) != nil {
		return ack{}, false
	}
	return ack{nonce: []byte(slow.Nonce), room: []byte(slow.Room), seq: slow.Seq, rev: slow.Rev}, true
}

// changes is the answer to a fetch.
type changes struct {
	Ref   int64
	Scope string
	Rows  []json.RawMessage
	Head  int64
	More  bool
	Reset bool
}

func scanChanges(b []byte) (changes, bool) {
	var c changes
	err := json.Unmarshal(b, &c)
	return c, err == nil && c.Scope != ""
}

const nonceText = 26

// numberOf reads the message number out of a nonce this run made: ten characters of time, eight of
// salt, eight of number. It is 0 for any other nonce.
func numberOf(nonce []byte, salt string) int64 {
	if len(nonce) != nonceText || string(nonce[10:18]) != salt {
		return 0
	}
	var n int64
	for _, c := range nonce[18:] {
		d := digitOf(c)
		if d < 0 {
			return 0
		}
		n = n<<5 | d
	}
	return n
}

const crockfordDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// digitOf is the value of an upper-case Crockford digit, -1 for anything else (I, L, O and U are none).
func digitOf(c byte) int64 {
	switch {
	case c >= '0' && c <= '9':
		return int64(c - '0')
	case c < 'A' || c > 'Z' || c == 'I' || c == 'L' || c == 'O' || c == 'U':
		return -1
	}
	d := int64(c-'A') + 10
	for _, left := range []byte("ILOU") {
		if c > left {
			d--
		}
	}
	return d
}

// appendNonce writes the ULID of message number n: milliseconds, salt, number.
func appendNonce(b []byte, millis int64, salt string, n int64) []byte {
	for shift := 45; shift >= 0; shift -= 5 {
		b = append(b, crockfordDigits[millis>>shift&31])
	}
	b = append(b, salt...)
	for shift := 35; shift >= 0; shift -= 5 {
		b = append(b, crockfordDigits[n>>shift&31])
	}
	return b
}
