package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// TokenPrefix begins every token, so that a leaked one is recognised.
const TokenPrefix = "aichat_pat_"

// Token is a bearer token as it is stored: only its hash.
type Token struct {
	ID        string
	User      UserID
	Name      string // what the owner called it
	Hash      []byte // HashToken of the text
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
}

// NewToken makes a token of 160 random bits. The text is shown once and never
// stored.
func NewToken() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return TokenPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// HashToken is what is stored of a token, and looked up by. A plain SHA-256 is
// enough for 160 random bits: there is nothing to guess.
func HashToken(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// PlausibleToken reports whether the text has the shape of our token, before
// the store is asked.
func PlausibleToken(text string) bool {
	rest, ok := strings.CutPrefix(text, TokenPrefix)
	return ok && len(rest) == 32
}
