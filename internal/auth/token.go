package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Prefixes let secret scanners find tokens that leaked.
const (
	sessionPrefix = "myna_s_"
	linkPrefix    = "myna_l_"
	invitePrefix  = "myna_i_"
)

const (
	tokenBytes   = 32 // 256 random bits
	tokenTextLen = 43 // of those, in base64url without padding
)

// newToken makes a token and the hash to store in its place.
func newToken(prefix string) (token string, hash []byte) {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // crypto/rand never fails: it ends the program instead
	token = prefix + base64.RawURLEncoding.EncodeToString(b)
	return token, hashOf(token)
}

// hashToken gives the hash of a token that could be one of ours; ok is false for anything else, which
// then needs no look into the database.
func hashToken(prefix, token string) (hash []byte, ok bool) {
	rest, ok := strings.CutPrefix(token, prefix)
	if !ok || len(rest) != tokenTextLen {
		return nil, false
	}
	return hashOf(token), true
}

// hashOf needs no salt and no slowness: what it hashes has 256 random bits.
func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
