package signin

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// Policy says whose address lets them sign up without an invitation. Those who
// were invited always may, and those who have signed up are not asked again.
type Policy struct {
	SignUp  SignUpRule // empty: InviteOnly
	Domains []string   // for ByDomain, in lower case; a domain does not include those below it
}

// SignUpRule is one of the three.
type SignUpRule string

// The rules.
const (
	InviteOnly SignUpRule = "invite"
	ByDomain   SignUpRule = "domains"
	Open       SignUpRule = "open"
)

// admits reports whether a mailbox may sign up without an invitation.
func (p Policy) admits(mailbox string) bool {
	switch p.SignUp {
	case Open:
		return true
	case ByDomain:
		return slices.Contains(p.Domains, mailbox[strings.LastIndexByte(mailbox, '@')+1:])
	}
	return false
}

// refusal is the sentence for one whom it does not admit.
func (p Policy) refusal(mailbox string) error {
	if p.SignUp == ByDomain {
		return fault.New(fault.Forbidden, "Only people with an address at %s, and those who were invited, can sign up here. You came as %s. Ask whoever runs this server for an invitation, or sign in as somebody else.",
			strings.Join(p.Domains, ", "), mailbox)
	}
	return fault.New(fault.Forbidden, "You need an invitation to sign up here, and there is none for %s. Ask whoever runs this server to invite that address, or sign in as somebody else.", mailbox)
}
