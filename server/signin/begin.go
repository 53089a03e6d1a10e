package signin

import (
	"cmp"
	"context"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// DeviceRequest is a program's wish to be signed in.
type DeviceRequest struct {
	Client string          // OAuth client id
	Scopes identity.Scopes // none: all

	// Name is the machine's and Version the program's, in the program's own
	// words. They are shown to whoever approves, as far as they fit on a line.
	Name, Version string
	Address       string // where it asks from
}

// DeviceCodes are the two codes of a request: one for the program, one for the
// person in front of it. They are shown once.
type DeviceCodes struct {
	DeviceCode string
	UserCode   UserCode
	ExpiresIn  time.Duration
	Interval   time.Duration // the least time between two polls
}

// userCodeTries is how many user codes are drawn until one is free. Among a
// million that wait, four in a row are taken once in 10^17 times.
const userCodeTries = 4

// BeginDevice starts a device flow (RFC 8628, section 3.1). A client that is not
// known is refused with the Subject SubjectClient.
func (g *Grants) BeginDevice(ctx context.Context, r DeviceRequest) (DeviceCodes, error) {
	if err := g.checkClient(r.Client); err != nil {
		return DeviceCodes{}, err
	}
	for try := 1; ; try++ {
		codes := DeviceCodes{DeviceCode: identity.DeviceCode.New(), UserCode: NewUserCode(),
			ExpiresIn: g.DeviceLifetime, Interval: g.Interval}
		err := g.Store.AddDevice(ctx, g.device(r, codes))
		if err == nil {
			return codes, nil
		}
		if !fault.Is(err, fault.IDConflict) || try == userCodeTries {
			return DeviceCodes{}, err
		}
	}
}

func (g *Grants) device(r DeviceRequest, codes DeviceCodes) Device {
	now := g.Now()
	return Device{
		CodeHash: identity.Hash(codes.DeviceCode), UserCodeHash: codes.UserCode.Hash(),
		Client: r.Client, Scopes: cmp.Or(r.Scopes, identity.AllScopes),
		Name: oneLine(r.Name), Version: oneLine(r.Version), Address: oneLine(r.Address),
		CreatedAt: now, ExpiresAt: now.Add(g.DeviceLifetime),
		Interval: g.Interval - g.jitter(), State: Pending,
	}
}

// jitter is how much sooner than told a poll may come: as much as one request
// may be faster on its way than the one before it.
func (g *Grants) jitter() time.Duration { return min(500*time.Millisecond, g.Interval/2) }
