package signin

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

// The stores' methods are safe for concurrent use, also by several processes,
// and return faults; Unavailable means the database is away.

// GrantStore keeps what programs are granted.
type GrantStore interface {
	// AddDevice stores a request; IDConflict where a live one has its user code.
	AddDevice(ctx context.Context, d Device) error

	// DeviceByUserCode finds the pending request with that user code; NotFound
	// if there is none at now.
	DeviceByUserCode(ctx context.Context, userCodeHash []byte, now time.Time) (Device, error)

	// DecideDevice approves or denies the pending request with that user code,
	// once; NotFound if it is not pending at now.
	DecideDevice(ctx context.Context, userCodeHash []byte, user identity.UserID, approve bool, now time.Time) (Device, error)

	// PollDevice notes a poll and says how things stand; NotFound if there is no
	// such device code. One that has expired is returned: its ExpiresAt says so.
	PollDevice(ctx context.Context, codeHash []byte, now time.Time) (Poll, error)

	// ClaimDevice turns an approved request into a session, once: NotFound if it
	// is not approved or was claimed. The session's User is set by the store.
	ClaimDevice(ctx context.Context, codeHash []byte, o Opening) (identity.Session, error)

	// Rotate exchanges a refresh token. A token that was Reused ends its session
	// in the same transaction, one whose session has ended touches nothing.
	Rotate(ctx context.Context, r Rotation) (Rotated, error)

	// SessionOf finds the session that a refresh or access token belongs to,
	// whatever its state; NotFound.
	SessionOf(ctx context.Context, tokenHash []byte) (identity.Session, error)
}

// PageStore keeps what browsers have under way.
type PageStore interface {
	AddBrowser(ctx context.Context, b Browser) error

	// Browser finds a session that has not expired; NotFound.
	Browser(ctx context.Context, hash []byte, now time.Time) (Browser, error)

	// ReplaceBrowser puts a session in the place of another, with which its
	// logins and codes end.
	ReplaceBrowser(ctx context.Context, old []byte, b Browser) error

	// RemoveBrowser ends a session; nothing if there is none.
	RemoveBrowser(ctx context.Context, hash []byte) error

	// RemoveBrowsers ends all sessions of a user.
	RemoveBrowsers(ctx context.Context, user identity.UserID) error

	AddLogin(ctx context.Context, l Login) error

	// ClaimLogin takes a login that has not expired, for the browser that began
	// it; NotFound. It can be had once.
	ClaimLogin(ctx context.Context, stateHash, browserHash []byte, now time.Time) (Login, error)

	// AddEmailCode stores a code in the place of any other of its mailbox, and
	// queues the letter that brings it, in one transaction.
	AddEmailCode(ctx context.Context, c EmailCode, letter mail.Letter) error

	// TryEmailCode counts a try of the browser's code, then compares. Five tries
	// are all there are, however many come at once.
	TryEmailCode(ctx context.Context, mailbox string, browserHash, codeHash []byte, now time.Time) (Try, EmailCode, error)

	// AddLink stores an owner's link; earlier ones end with it.
	AddLink(ctx context.Context, l OneTimeLink) error

	// ClaimLink uses a link up; NotFound.
	ClaimLink(ctx context.Context, hash []byte, now time.Time) error
}

// PeopleStore lets people in for the first time.
type PeopleStore interface {
	// SignUp does all of it or nothing. IDConflict: the identity has become
	// somebody's meanwhile; Forbidden: the invitation is not there any more.
	SignUp(ctx context.Context, s SignUp) error

	// Invite stores an invitation in the place of any other of its mailbox, and
	// queues its letter if there is one.
	Invite(ctx context.Context, i Invitation, letter *mail.Letter) error

	// Invitation finds one that is neither used nor expired at now; NotFound.
	Invitation(ctx context.Context, mailbox string, now time.Time) (Invitation, error)

	// Invitations lists them all, newest first.
	Invitations(ctx context.Context) ([]Invitation, error)

	// Uninvite removes one; NotFound.
	Uninvite(ctx context.Context, mailbox string) error
}

// Pruner removes what is over.
type Pruner interface {
	// Prune removes what ended before a moment: device codes, tokens, browsers,
	// logins, codes, links and sessions. It returns how many rows went.
	Prune(ctx context.Context, before time.Time) (int64, error)
}
