package wire

import "time"

// Me says who is signed in.
type Me struct {
	User    string `json:"user"`
	Name    string `json:"name"`
	Account string `json:"account"`
	Role    string `json:"role"`
	Local   bool   `json:"local"`

	Email        string `json:"email,omitempty"`
	AvatarURL    string `json:"avatar_url,omitempty"`
	Locale       string `json:"locale,omitempty"`
	TimeZone     string `json:"time_zone,omitempty"`
	DefaultModel string `json:"default_model,omitempty"`
	ServerAdmin  bool   `json:"server_admin,omitempty"`

	// Session is the session or token that was shown, Scope what it allows.
	Session string `json:"session,omitempty"`
	Scope   string `json:"scope,omitempty"`

	Identities []Identity `json:"identities,omitempty"`
}

// Identity is one's identity at another provider.
type Identity struct {
	Issuer    string    `json:"issuer"`
	Subject   string    `json:"subject"`
	Email     string    `json:"email,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
}

// ProfileChange changes what is not null.
type ProfileChange struct {
	Name         *string `json:"name,omitempty"`
	AvatarURL    *string `json:"avatar_url,omitempty"`
	Locale       *string `json:"locale,omitempty"`
	TimeZone     *string `json:"time_zone,omitempty"`
	DefaultModel *string `json:"default_model,omitempty"`
}

// Session is a signed-in program.
type Session struct {
	ID        string    `json:"id"`
	Client    string    `json:"client"`
	Device    string    `json:"device"`
	Version   string    `json:"version"`
	Address   string    `json:"address"` // where it was seen last
	Scope     string    `json:"scope"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Current   bool      `json:"current"` // it is the one that asks
}

// SessionList is all of one's live sessions, last seen first.
type SessionList struct {
	Sessions []Session `json:"sessions"`
}

// Token is a personal access token.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scope     string     `json:"scope"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"` // null: never
	RevokedAt *time.Time `json:"revoked_at"` // null: it is not
	UsedAt    *time.Time `json:"used_at"`    // null: never; to the minute or so

	// Token is its text, in the answer to its creation and nowhere else.
	Token string `json:"token,omitempty"`
}

// NewToken asks for a personal access token.
type NewToken struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Scope string `json:"scope,omitempty"` // default "chat"

	// ExpiresAt is a year from now at most; null: in 90 days. The operator may
	// ask for later, and null is never then.
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// IdentityList is all of one's identities, oldest first.
type IdentityList struct {
	Identities []Identity `json:"identities"`
}

// TokenList is all of one's tokens, newest first, revoked ones included.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

// Scopes of sessions and tokens.
const (
	ScopeRead    = "read"
	ScopeChat    = "chat" // includes read
	ScopeAccount = "account"
)
