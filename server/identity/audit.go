package identity

import "time"

// Event is a security event: what happened to whom, by whom, from where. It
// never holds a secret.
type Event struct {
	ID   string
	At   time.Time
	What What

	User    UserID // whom it concerns; empty: nobody known
	By      string // who did it: a user's id, "operator" or "server"
	Session string // the session or token it was done with, or to
	Address string // IP address; empty: none
	Detail  string // a sentence for people
}

// What is a kind of security event.
type What string

// The security events.
const (
	SignedUp        What = "signed_up"
	SignedIn        What = "signed_in"
	SignInRefused   What = "sign_in_refused"
	SignedOut       What = "signed_out"
	DeviceApproved  What = "device_approved"
	DeviceDenied    What = "device_denied"
	SessionOpened   What = "session_opened"
	SessionRevoked  What = "session_revoked"
	RefreshReused   What = "refresh_token_reused"
	TokenCreated    What = "token_created"
	TokenRevoked    What = "token_revoked"
	IdentityLinked  What = "identity_linked"
	IdentityRemoved What = "identity_removed"
	RoleChanged     What = "role_changed"
	PlanChanged     What = "plan_changed"
	CountersRebuilt What = "counters_rebuilt"
	UserInvited     What = "user_invited"
	UserUninvited   What = "user_uninvited"
	UserRemoved     What = "user_removed"
	OwnerLinkMade   What = "owner_link_made"
	KeyAdded        What = "key_added"
	KeyChanged      What = "key_changed"
	KeyRemoved      What = "key_removed"
	KeysRotated     What = "keys_rotated"
)

// Whats lists all kinds of security events.
func Whats() []What {
	return []What{SignedUp, SignedIn, SignInRefused, SignedOut, DeviceApproved, DeviceDenied, SessionOpened, SessionRevoked, RefreshReused,
		TokenCreated, TokenRevoked, IdentityLinked, IdentityRemoved, RoleChanged, PlanChanged, CountersRebuilt, UserInvited, UserUninvited, UserRemoved,
		OwnerLinkMade, KeyAdded, KeyChanged, KeyRemoved, KeysRotated}
}

// EventFilter selects security events; zero fields select all.
type EventFilter struct {
	User  UserID
	What  What
	Since time.Time
	Limit int // 0: 100; at most 1 000
}
