package signin

import (
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Rotation exchanges a refresh token for its successor.
type Rotation struct {
	Hash []byte // of the token that is shown
	Now  time.Time

	// Salt is fresh chance. The successor is derived from the shown token and
	// the salt under which it was claimed: whoever shows the token again within
	// the Grace is told the same successor, and neither a stolen token nor a
	// stolen database is enough to know it.
	Salt  []byte
	Grace time.Duration

	// Successor derives the hashes of the tokens that follow under a salt.
	Successor func(salt []byte) (refresh, access []byte)

	AccessExpiresAt time.Time
	IdleUntil       time.Time
	Seen            identity.Seen
}

// Rotated is what became of a Rotation.
type Rotated struct {
	Outcome RotationOutcome
	Session identity.Session // zero where Unknown

	// Salt is the one under which the token was claimed: the Rotation's where it
	// was Fresh, the earlier one's where it was Retried.
	Salt            []byte
	AccessExpiresAt time.Time
}

// RotationOutcome says what a shown refresh token was.
type RotationOutcome uint8

// The outcomes.
const (
	Unknown RotationOutcome = iota // no such token, or its session has ended
	Fresh                          // claimed now, by this Rotation alone
	Retried                        // claimed before, within the grace
	Reused                         // claimed before the grace: its session was ended for it
)
