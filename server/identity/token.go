package identity

import "time"

// Token is a personal access token as it is stored: only its hash. It is for
// scripts; it acts on its user's personal account, within its scopes.
type Token struct {
	ID        string
	User      UserID
	Name      string // what the owner called it
	Scopes    Scopes
	Hash      []byte // Hash of the text
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
	UsedAt    time.Time // to the minute or so; zero: never
}
