package signin

import (
	"context"

	"github.com/aichat-term/aichat/server/identity"
)

// Provider is an identity provider that signs people in by sending their browser
// to itself and back, with the authorization code flow and PKCE. It is safe for
// concurrent use and may be away: then its methods return Unavailable.
type Provider interface {
	// Name is the operator's name for it, as in the callback's path.
	Name() string

	// Title is what people call it: "Google".
	Title() string

	// Begin returns the URL to send the browser to. redirect is the callback's
	// absolute URL.
	Begin(ctx context.Context, redirect string, l Login, state string) (string, error)

	// Finish exchanges the code and returns who it is. All that is wrong with an
	// answer (issuer, audience, signature, nonce, time, verifier) is
	// Unauthenticated, with the reason as its cause for the log.
	Finish(ctx context.Context, redirect string, l Login, code string) (Person, error)
}

// Person is who a provider says it is, in its own words: Pages keep what fits.
type Person struct {
	identity.External // Issuer, Subject, Email, EmailVerified

	Name      string
	AvatarURL string
	Locale    string
}
