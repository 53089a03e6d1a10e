package identity

import (
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// Scopes is a set of the things that a session or token may be used for (RFC
// 6749, section 3.3). The zero value allows nothing.
type Scopes uint8

// The scopes.
const (
	ScopeRead    Scopes = 1 << iota // "read": read conversations, models and usage
	ScopeChat                       // "chat": ask, and change conversations; includes read
	ScopeAccount                    // "account": profile, sessions and tokens

	// AllScopes is what a session of our own client has.
	AllScopes = ScopeRead | ScopeChat | ScopeAccount
)

// scopeNames are the scopes in the order of their bits.
var scopeNames = [...]string{"read", "chat", "account"}

// Has reports whether all of want is in the set, or implied by what is in it.
func (s Scopes) Has(want Scopes) bool {
	if s&ScopeChat != 0 {
		s |= ScopeRead
	}
	return s&want == want
}

// String is the set as OAuth writes it: names separated by spaces.
func (s Scopes) String() string {
	var names []string
	for i, name := range scopeNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// ParseScopes reads names separated by spaces; none are the empty set. A name
// that is not known is Invalid, with "scope" as the fault's Subject.
func ParseScopes(text string) (Scopes, error) {
	var all Scopes
	for word := range strings.FieldsSeq(text) {
		one := scopeNamed(word)
		if one == 0 {
			return 0, &fault.Error{Kind: fault.Invalid, Subject: "scope",
				Message: "A scope is one of: " + strings.Join(scopeNames[:], ", ") + "."}
		}
		all |= one
	}
	return all, nil
}

func scopeNamed(word string) Scopes {
	for i, name := range scopeNames {
		if word == name {
			return 1 << i
		}
	}
	return 0
}
