package myna

// Message is one message of a room's scope. Seq is its place in history (dense from 1), Rev the moment
// of its last change. A deleted message keeps its place with Text and Mentions empty.
type Message struct {
	Room      RoomID
	Seq       int64
	Rev       int64
	Author    UserID
	Nonce     Nonce
	Text      string
	Mentions  []UserID
	CreatedAt Time
	EditedAt  Time
	DeletedAt Time
}

// Nonce names one attempt of one author to say something: a ULID made by the client. The same nonce of
// the same author gets the same answer for ever.
type Nonce [16]byte

const nonceAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const nonceLen = 26

// ParseNonce reads the 26 characters of a ULID (https://github.com/ulid/spec); the error is of kind
// Invalid. Letters may be of either case.
func ParseNonce(s string) (Nonce, error) {
	var n Nonce
	err := n.UnmarshalText([]byte(s))
	return n, err
}

func (n *Nonce) UnmarshalText(text []byte) error {
	if len(text) != nonceLen || text[0] > '7' {
		return badNonce(text)
	}
	var hi, lo uint64
	for _, c := range text {
		digit := nonceDigit(c)
		if digit < 0 {
			return badNonce(text)
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(digit)
	}
	for i := range 8 {
		n[i] = byte(hi >> (56 - 8*i))
		n[8+i] = byte(lo >> (56 - 8*i))
	}
	return nil
}

func badNonce(text []byte) error {
	return Errorf(Invalid, CodeBadNonce, "%q is not a nonce: it must be a ULID, %d characters of Crockford base 32", clip(text), nonceLen).In("nonce")
}

func nonceDigit(c byte) int {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	for i := range len(nonceAlphabet) {
		if nonceAlphabet[i] == c {
			return i
		}
	}
	return -1
}

func (n Nonce) AppendText(b []byte) ([]byte, error) {
	var hi, lo uint64
	for i := range 8 {
		hi = hi<<8 | uint64(n[i])
		lo = lo<<8 | uint64(n[8+i])
	}
	var out [nonceLen]byte
	for i := nonceLen - 1; i >= 0; i-- {
		out[i] = nonceAlphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return append(b, out[:]...), nil
}

func (n Nonce) MarshalText() ([]byte, error) { return n.AppendText(nil) }

func (n Nonce) String() string {
	b, _ := n.AppendText(nil)
	return string(b)
}
