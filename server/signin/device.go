package signin

import (
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Device is a program that asks to be signed in (RFC 8628): what it was told,
// and what has become of it.
type Device struct {
	CodeHash     []byte // identity.Hash of the device code
	UserCodeHash []byte // UserCode.Hash

	Client  string // OAuth client id
	Scopes  identity.Scopes
	Name    string // of the machine, in the program's own words
	Version string // of the program, in its own words
	Address string // where it asked from

	CreatedAt, ExpiresAt time.Time

	// Interval is the least time between two polls; it grows by five seconds
	// with each poll that came too soon. PolledAt is zero before the first.
	Interval time.Duration
	PolledAt time.Time

	State DeviceState
	User  identity.UserID // who decided; empty while pending
}

// DeviceState is where a device's request stands.
type DeviceState string

// The states. Only one that is approved can be claimed, and only once.
const (
	Pending  DeviceState = "pending"
	Approved DeviceState = "approved"
	Denied   DeviceState = "denied"
	Claimed  DeviceState = "claimed"
)

// Poll is what a device hears that asks whether it has been let in.
type Poll struct {
	Device  Device // as it is after the poll
	TooSoon bool   // it asked before its interval was over, which has grown
}

// Opening is a session that begins, with the first of its tokens.
type Opening struct {
	Session         identity.Session
	AccessHash      []byte
	AccessExpiresAt time.Time
	RefreshHash     []byte
}
