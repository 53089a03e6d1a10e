package wire

import "time"

// Paths of the operator's API. It is served on the admin socket, to the user who
// runs the server, and nowhere else.
const (
	PathAdminUsers       = "/admin/v1/users"
	PathAdminInvitations = "/admin/v1/invitations"
	PathAdminOwnerLink   = "/admin/v1/owner-link"
	PathAdminAudit       = "/admin/v1/audit"
)

// BelowTokens are a user's tokens, below PathAdminUsers and the user's id.
const BelowTokens = "tokens"

// AdminUserPath is the path of one user, or of something below it.
func AdminUserPath(id string, below ...string) string { return join(PathAdminUsers, id, below) }

// User is a user as the operator sees one.
type User struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Email       string    `json:"email,omitempty"`
	Account     string    `json:"account"`
	Local       bool      `json:"local"`
	ServerAdmin bool      `json:"server_admin"`
	CreatedAt   time.Time `json:"created_at"`
}

// UserList is all users, oldest first.
type UserList struct {
	Users []User `json:"users"`
}

// NewUser asks for a user.
type NewUser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// UserChange changes what is not null.
type UserChange struct {
	ServerAdmin *bool `json:"server_admin,omitempty"`
}

// Invitation lets an address sign up once.
type Invitation struct {
	Email     string     `json:"email"`
	Admin     bool       `json:"admin,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"` // null: never
	UsedAt    *time.Time `json:"used_at"`    // null: not yet

	// URL is where to sign up, to be told to whoever is invited; empty: nobody
	// can sign in at this server yet. Mailed says, in the answer to its creation,
	// that a letter tells it.
	URL    string `json:"url,omitempty"`
	Mailed bool   `json:"mailed,omitempty"`
}

// NewInvitation asks for one.
type NewInvitation struct {
	Email     string     `json:"email"`
	Admin     bool       `json:"admin,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// InvitationList is all invitations, newest first.
type InvitationList struct {
	Invitations []Invitation `json:"invitations"`
}

// OwnerLink signs its bearer in once, as the server's owner.
type OwnerLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// AuditEvent is a security event.
type AuditEvent struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	What    string    `json:"what"`
	User    string    `json:"user,omitempty"`
	By      string    `json:"by,omitempty"`
	Session string    `json:"session,omitempty"`
	Address string    `json:"address,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

// AuditPage is events, newest first.
type AuditPage struct {
	Events []AuditEvent `json:"events"`
}
