package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// CredentialKind is the prefix of a secret that we hand out, so that a leaked one
// is recognised for what it is.
type CredentialKind string

// The kinds.
const (
	PersonalToken CredentialKind = "aichat_pat_" // a personal access token
	AccessToken   CredentialKind = "aichat_at_"  // a session's access token
	RefreshToken  CredentialKind = "aichat_rt_"  // a session's refresh token
	DeviceCode    CredentialKind = "aichat_dc_"  // RFC 8628's device_code
	BrowserCookie CredentialKind = "aichat_bs_"  // a browser's session
	OneTimeLink   CredentialKind = "aichat_ol_"  // a link that signs in once
)

// credentialBytes is how much chance is in each: there is nothing to guess.
const credentialBytes = 20

var credentialText = base32.StdEncoding.WithPadding(base32.NoPadding)

// New makes a credential of 160 random bits. The text is shown once and never
// stored.
func (k CredentialKind) New() string {
	var b [credentialBytes]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return k.text(b[:])
}

// Derived makes the credential that follows from another and a salt: the same
// for the same two, and not to be had from either alone (HMAC-SHA-256, RFC 2104,
// keyed by the other credential).
func (k CredentialKind) Derived(from string, salt []byte) string {
	mac := hmac.New(sha256.New, []byte(from))
	mac.Write([]byte(k))
	mac.Write(salt)
	return k.text(mac.Sum(nil)[:credentialBytes])
}

func (k CredentialKind) text(b []byte) string {
	return string(k) + strings.ToLower(credentialText.EncodeToString(b))
}

// Plausible reports whether the text has the shape of such a credential, before
// the store is asked.
func (k CredentialKind) Plausible(text string) bool {
	rest, ok := strings.CutPrefix(text, string(k))
	return ok && len(rest) == 32
}

// Hash is what is stored of a credential, and looked up by. A plain SHA-256 is
// enough for 160 random bits. The lookup is by the hash, so that how long it
// takes says nothing of the text.
func Hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
