package identity

import "time"

// UserID names a user: a UUID in its canonical text form.
type UserID string

// User is a person.
type User struct {
	ID        UserID
	Name      string
	Account   AccountID // the personal account
	Local     bool      // the owner of a local server's socket
	CreatedAt time.Time

	// Email is where mail goes, as it was proven by whoever signed the user in;
	// empty where nobody did. It is no key: two users may have one address.
	Email string

	AvatarURL    string // https only; empty: none
	Locale       string // a BCP 47 tag; empty: unknown
	TimeZone     string // a name of the IANA database; empty: unknown
	DefaultModel string // provider/name; empty: the server's choice

	// ServerAdmin may administer the server itself, whatever the role in any
	// account.
	ServerAdmin bool
}

// ProfileChange changes what is not nil.
type ProfileChange struct {
	Name, AvatarURL, Locale, TimeZone, DefaultModel *string
}

// External is a user's identity at another provider. Issuer and Subject together
// name it and never change hands; the e-mail address is what the provider said
// last, and joins nobody to anything (promise: an address is no key).
type External struct {
	Issuer  string // an OIDC issuer's URL, "https://github.com", or EmailIssuer
	Subject string // the provider's own stable id; for EmailIssuer the mailbox
	User    UserID

	Email         string
	EmailVerified bool

	CreatedAt time.Time
	UsedAt    time.Time
}

// EmailIssuer is the issuer of identities that are mailboxes: whoever can read
// the mail is the subject.
const EmailIssuer = "email"
