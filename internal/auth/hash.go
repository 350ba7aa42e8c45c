package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"
)

// Params are what one argon2id computation costs.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultParams are OWASP's first recommendation for argon2id: 19 MiB, two passes, one thread. One check
// is about 50 to 80 ms of one core.
func DefaultParams() Params { return Params{Memory: 19 << 10, Time: 2, Threads: 1} }

const (
	saltBytes = 16
	keyBytes  = 32

	// Hashes made elsewhere are believed only up to here, so that a row in the database cannot make a
	// check take minutes or gigabytes. PHP's defaults are 64 MiB and 4 passes, and cost 10 to 12.
	maxMemory     = 256 << 10 // KiB
	maxTime       = 16
	maxThreads    = 16
	maxBcryptCost = 14 // about a second

	maxHashText = 255 // the column's width
)

// hashPassword makes a PHC string (https://github.com/P-H-C/phc-string-format) of argon2id. The password
// is normalised to NFC, as another keyboard may compose the same characters differently.
func hashPassword(password string, p Params) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // crypto/rand never fails: it ends the program instead
	key := argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.Time, p.Memory, p.Threads, keyBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.Memory, p.Time, p.Threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// checkPassword says whether the password is the one of the hash, and whether the hash should be made
// anew with the present parameters. It knows our own hashes and those of PHP's password_hash: $2y$,
// $argon2i$ and $argon2id$. A hash it cannot read fits no password.
func checkPassword(password, hash string, p Params) (ok, outdated bool) {
	if strings.HasPrefix(hash, "$2") {
		return checkBcrypt(password, hash), true
	}
	h, err := parseArgon(hash)
	if err != nil {
		return false, false
	}
	outdated = h.variant != "argon2id" || h.params != p || len(h.key) != keyBytes
	// PHP hashes the bytes as they were typed; ours are normalised. Both are tried where they differ.
	typed, normal := []byte(password), norm.NFC.Bytes([]byte(password))
	ok = h.matches(normal)
	if !ok && string(typed) != string(normal) {
		ok, outdated = h.matches(typed), true
	}
	return ok, outdated
}

func checkBcrypt(password, hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil || cost > maxBcryptCost {
		return false
	}
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}

type argonHash struct {
	variant   string
	params    Params
	salt, key []byte
}

func parseArgon(text string) (h argonHash, err error) {
	parts := strings.Split(text, "$")
	if len(text) > maxHashText || len(parts) != 6 || parts[0] != "" {
		return h, fmt.Errorf("not a PHC string")
	}
	h.variant = parts[1]
	if h.variant != "argon2id" && h.variant != "argon2i" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, fmt.Errorf("%s %s is not supported", parts[1], parts[2])
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.params.Memory, &h.params.Time, &h.params.Threads); err != nil {
		return h, fmt.Errorf("parameters: %w", err)
	}
	p := h.params
	if p.Time < 1 || p.Time > maxTime || p.Threads < 1 || p.Threads > maxThreads || p.Memory > maxMemory {
		return h, fmt.Errorf("parameters m=%d t=%d p=%d are out of bounds", p.Memory, p.Time, p.Threads)
	}
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, fmt.Errorf("salt: %w", err)
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return h, fmt.Errorf("key: %w", err)
	}
	if len(h.salt) < 8 || len(h.key) < 16 || len(h.key) > 64 {
		return h, fmt.Errorf("a salt of %d bytes and a key of %d are out of bounds", len(h.salt), len(h.key))
	}
	return h, nil
}

func (h argonHash) matches(password []byte) bool {
	p := h.params
	derive := argon2.IDKey
	if h.variant == "argon2i" {
		derive = argon2.Key
	}
	key := derive(password, h.salt, p.Time, p.Memory, p.Threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}
