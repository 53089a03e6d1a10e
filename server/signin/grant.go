package signin

import (
	"fmt"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Grant is a session's pair of tokens (RFC 6749, section 5.1). It is shown once.
type Grant struct {
	Session      string
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration // of the access token
	Scopes       identity.Scopes
}

func grantOf(s identity.Session, access, refresh string, in time.Duration) Grant {
	return Grant{Session: s.ID, AccessToken: access, RefreshToken: refresh, ExpiresIn: in, Scopes: s.Scopes}
}

// accessUntil is when an access token ends that is made now: never after its
// session.
func (g *Grants) accessUntil(s identity.Session, now time.Time) time.Time {
	until := now.Add(g.AccessLifetime)
	if s.ExpiresAt.Before(until) {
		return s.ExpiresAt
	}
	return until
}

// describe says what a session is, for the log of security events.
func describe(s identity.Session) string {
	return fmt.Sprintf("%s on %q.", s.Client, s.Device)
}
