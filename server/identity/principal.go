package identity

import "context"

// Principal is who acts in a request, on which account and as what.
type Principal struct {
	User    UserID
	Account AccountID
	Role    Role

	// Scopes bound what the request may do, whatever the role. A session of our
	// own client has all of them; a token has what it was made with. The local
	// owner and the operator need none.
	Scopes Scopes

	// ServerAdmin says that the user may administer the server.
	ServerAdmin bool

	// Local says that the principal is the owner of this machine's socket: no
	// quota, and the environment's provider keys may come with the request.
	Local bool

	// DefaultModel is what the user wants new conversations to be answered by;
	// empty: the server's choice.
	DefaultModel string

	// Terms are the account's.
	Terms Terms

	// Session is the id of the session or token that was shown, for logs and for
	// ending what it has open; empty for the local owner.
	Session string
}

// Terms are what an account is metered by, as it was when its principal was found:
// a request asks for them once.
type Terms struct {
	Plan   string // empty: the server's default
	Anchor int    // the day on which its months begin, 1 to 31; 0: nobody has asked
}

// May reports whether the principal's scopes allow it.
func (p Principal) May(s Scopes) bool { return p.Local || p.Scopes.Has(s) }

// Authenticator finds out who shows a bearer token: an access token of a
// session, or a personal access token. Any other text, also one that has expired
// or was revoked, is Unauthenticated; they look the same.
type Authenticator interface {
	Authenticate(ctx context.Context, bearer string, seen Seen) (Principal, error)
}

// Seen is from where and with what somebody came: told to the owner of a session
// so that a stranger is noticed.
type Seen struct {
	Address string // IP address, without port
	Client  string // name and version, such as "aichat 0.3.1"; empty: unknown
}
