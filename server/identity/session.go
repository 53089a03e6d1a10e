package identity

import "time"

// Session is one signed-in program on one machine: a family of refresh tokens
// with what it was given to.
type Session struct {
	ID     string
	User   UserID
	Client string // OAuth client id, such as "aichat-cli"
	Scopes Scopes

	// Device is the name that the program gave its machine; Version the
	// program's name and version; Address where it was seen last. They are the
	// program's own words (8-bit clean text of one line), and no proof.
	Device, Version, Address string

	CreatedAt time.Time
	SeenAt    time.Time // to the minute or so

	// IdleUntil is when it ends unless it is refreshed; ExpiresAt when it ends
	// anyhow; RevokedAt when it was ended, zero: it was not.
	IdleUntil, ExpiresAt, RevokedAt time.Time
}

// Live reports whether the session can be used at now.
func (s Session) Live(now time.Time) bool {
	return s.RevokedAt.IsZero() && now.Before(s.IdleUntil) && now.Before(s.ExpiresAt)
}
