package signin

import (
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

// Invitation lets an address sign up once, while sign-up is by invitation.
type Invitation struct {
	Mailbox   string // Mailbox of the address
	Admin     bool   // the user becomes a server admin
	By        string // who invited: a user's id, or "operator"
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // zero: not yet
}

// SignUp makes a user of an identity: user, personal account, membership,
// identity, the use of an invitation and the welcome, in one transaction.
type SignUp struct {
	User     identity.User
	External identity.External // zero Issuer: none, as for the owner's link
	Invited  string            // mailbox whose invitation is used up; empty: none is needed
	At       time.Time
	Welcome  *mail.Letter // nil: none
}
