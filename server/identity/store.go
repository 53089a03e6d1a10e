package identity

import (
	"context"
	"time"
)

// The stores' methods are safe for concurrent use and return faults;
// Unavailable means the database is away. Whoever needs one of them asks for
// that one.

// Users keeps users with their accounts.
type Users interface {
	// LocalOwner returns the user who owns a local server, creating user,
	// account and membership at the first call. Concurrent first calls create
	// one.
	LocalOwner(ctx context.Context) (User, error)

	// CreateUser makes a user with a personal account, owned by that user, in
	// one transaction. The name need not be unique. The caller makes the ids.
	CreateUser(ctx context.Context, u User) error

	// User finds a user by id; NotFound.
	User(ctx context.Context, id UserID) (User, error)

	// UserNamed finds the user of that e-mail address or, where it is nobody's, of
	// that exact name: people choose their names, and nobody gets what is meant for
	// somebody's address by choosing that. NotFound, or Invalid where several have it.
	UserNamed(ctx context.Context, name string) (User, error)

	// Users lists all users, oldest first.
	Users(ctx context.Context) ([]User, error)

	// HasServerAdmin reports whether somebody may administer the server.
	HasServerAdmin(ctx context.Context) (bool, error)

	// ChangeProfile changes what is named and returns the user as it is then.
	ChangeProfile(ctx context.Context, id UserID, c ProfileChange) (User, error)

	// SetServerAdmin makes the user a server admin, or no longer one. The last
	// one stays: Invalid.
	SetServerAdmin(ctx context.Context, id UserID, admin bool) error

	// DeleteUser removes the user, the personal account and everything that the
	// account owns, in one transaction. The ledger's rows stay, without what
	// names a person: see docs. The last server admin stays: Invalid.
	DeleteUser(ctx context.Context, id UserID) error
}

// Externals keeps users' identities at other providers.
type Externals interface {
	// ExternalUser finds the user of an identity and notes its use at that
	// moment with what the provider says now; NotFound.
	ExternalUser(ctx context.Context, e External, at time.Time) (User, error)

	// Link gives a user another identity; IDConflict where it is somebody's
	// already. Linking one's own again is nothing.
	Link(ctx context.Context, e External) error

	// Unlink takes an identity away; NotFound. The last one stays: Invalid.
	Unlink(ctx context.Context, user UserID, issuer, subject string) error

	// ExternalsOf lists a user's identities, oldest first.
	ExternalsOf(ctx context.Context, user UserID) ([]External, error)
}

// Tokens keeps personal access tokens.
type Tokens interface {
	// AddToken stores a token's hash for a user.
	AddToken(ctx context.Context, t Token) error

	// TokenByHash finds a token that is neither expired at now nor revoked, with
	// its owner's principal; Unauthenticated otherwise.
	TokenByHash(ctx context.Context, hash []byte, now time.Time) (Token, Principal, error)

	// Tokens lists a user's tokens, newest first, revoked ones included.
	Tokens(ctx context.Context, user UserID) ([]Token, error)

	// RevokeToken ends a token; NotFound if the user has none of that id. Doing
	// it twice is nothing.
	RevokeToken(ctx context.Context, user UserID, id string, at time.Time) error

	// TokenSeen notes that a token was used.
	TokenSeen(ctx context.Context, id string, at time.Time) error
}

// Sessions keeps sessions; signin opens and refreshes them.
type Sessions interface {
	// SessionByAccess finds the live session whose access token has that hash
	// and has not expired at now, with its owner's principal; Unauthenticated
	// otherwise.
	SessionByAccess(ctx context.Context, hash []byte, now time.Time) (Session, Principal, error)

	// Sessions lists a user's sessions that are live at now, last seen first.
	Sessions(ctx context.Context, user UserID, now time.Time) ([]Session, error)

	// RevokeSession ends a session; NotFound if the user has none of that id.
	// Doing it twice is nothing.
	RevokeSession(ctx context.Context, user UserID, id string, at time.Time) error

	// RevokeSessions ends all of a user's sessions but one (empty: all) and
	// returns their ids. A program that the user has let in and that has not come
	// for its session yet gets none.
	RevokeSessions(ctx context.Context, user UserID, but string, at time.Time) ([]string, error)

	// SessionSeen notes where a session was used.
	SessionSeen(ctx context.Context, id string, seen Seen, at time.Time) error

	// RevokedSince lists ids of sessions and tokens that were revoked after a
	// moment: what another process has ended, by the database's clock. It returns
	// the moment of the newest, to go on from. Some are listed again, for ten
	// seconds or so, since a revocation may become visible late.
	RevokedSince(ctx context.Context, after time.Time) (ids []string, newest time.Time, err error)
}

// Audit keeps security events; nothing changes one.
type Audit interface {
	// Record appends an event.
	Record(ctx context.Context, e Event) error

	// Events lists events, newest first.
	Events(ctx context.Context, f EventFilter) ([]Event, error)
}
