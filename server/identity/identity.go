package identity

import (
	"context"
	"time"
)

// AccountID names an account: a UUID in its canonical text form.
type AccountID string

// UserID names a user: a UUID in its canonical text form.
type UserID string

// Account owns conversations, usage and limits.
type Account struct {
	ID        AccountID
	Name      string
	Personal  bool
	CreatedAt time.Time

	// Rev is the account's revision: it grows by one with every change of a
	// conversation, in commit order.
	Rev int64
}

// User is a person.
type User struct {
	ID        UserID
	Name      string
	Account   AccountID // the personal account
	Local     bool      // the owner of a local server's socket
	CreatedAt time.Time
}

// Role is what a user is in an account.
type Role string

// The roles, strongest first.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
)

// Principal is who acts in a request, on which account and as what.
type Principal struct {
	User    UserID
	Account AccountID
	Role    Role

	// Local says that the principal is the owner of this machine's socket: no
	// quota, and the environment's provider keys may come with the request.
	Local bool

	// Session names the token or session in logs; empty for the local owner.
	Session string
}

// Store keeps users, accounts and tokens. Its methods are safe for concurrent
// use and return faults; Unavailable means the database is away.
type Store interface {
	// LocalOwner returns the user who owns a local server, creating user,
	// account and membership at the first call. Concurrent first calls create
	// one.
	LocalOwner(ctx context.Context) (User, error)

	// CreateUser makes a user with a personal account, owned by that user, in
	// one transaction. The name need not be unique. The caller makes the ids.
	CreateUser(ctx context.Context, u User) error

	// UserNamed finds the user of that exact name; NotFound, or Invalid where
	// several have it.
	UserNamed(ctx context.Context, name string) (User, error)

	// Users lists all users, oldest first.
	Users(ctx context.Context) ([]User, error)

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
}
