package signin

import (
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Browser is a browser's session: before sign-in it binds what is under way to
// the browser that began it, afterwards it says who sits there. Its credential
// changes when somebody signs in, so that one who planted the first has nothing.
type Browser struct {
	Hash      []byte // identity.Hash of the cookie
	User      identity.UserID
	CreatedAt time.Time
	ExpiresAt time.Time
	SignedAt  time.Time // when the user signed in; zero: nobody has
}

// Login is a sign-in at an identity provider that is under way. It is claimed
// once, by the browser that began it.
type Login struct {
	StateHash   []byte // identity.Hash of the state
	BrowserHash []byte
	Provider    string // Provider.Name
	Nonce       string
	Verifier    string // PKCE (RFC 7636); a secret until it is used, a minute later
	Return      string // path on our own site to go on to
	ExpiresAt   time.Time
}

// EmailCode is a code that was mailed. A newer one for the same mailbox voids it.
type EmailCode struct {
	Mailbox     string // Mailbox of the address
	BrowserHash []byte // the browser that asked for it, and alone may use it
	CodeHash    []byte // bound to mailbox and browser: see EmailCodeHash
	Return      string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// Try is what became of typing a mailed code.
type Try uint8

// What a try finds.
const (
	NoCode Try = iota // none under way, expired, voided, or too many tries
	WrongCode
	RightCode // used up by this
)

// OneTimeLink signs its bearer in once, as the server's owner.
type OneTimeLink struct {
	Hash      []byte // identity.Hash
	CreatedAt time.Time
	ExpiresAt time.Time
}
