package signin

import (
	"context"
	"fmt"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Pending finds the request that waits under a user code; NotFound. A code that
// was used, denied, has expired or never was looks the same.
//
// The person must see what is asked for before deciding, also where the code
// came in the link (RFC 8628, section 5.4; BCP 247): the client, the name of its
// machine, from where and when it asked, and the code, to compare with the one
// on the screen in front of them. Whoever calls this for an unknown visitor
// limits how often an address may.
func (g *Grants) Pending(ctx context.Context, code UserCode) (Device, error) {
	d, err := g.Store.DeviceByUserCode(ctx, code.Hash(), g.Now())
	if fault.Is(err, fault.NotFound) {
		return Device{}, errNoRequest
	}
	return d, err
}

// errNoRequest is constant: it must not tell why.
var errNoRequest = fault.New(fault.NotFound,
	"No sign-in waits under that code. Compare it with the one in your terminal; if it is more than ten minutes old, start again there.")

// Decide lets the program under a user code in as the user, or turns it down.
// Only the first decision counts: NotFound says that there is nothing to decide
// any more. from is where the person sits who decides.
func (g *Grants) Decide(ctx context.Context, code UserCode, user identity.UserID, approve bool, from identity.Seen) (Device, error) {
	d, err := g.Store.DecideDevice(ctx, code.Hash(), user, approve, g.Now())
	if fault.Is(err, fault.NotFound) {
		return Device{}, errNoRequest
	}
	if err != nil {
		return Device{}, err
	}
	what := identity.DeviceDenied
	if approve {
		what = identity.DeviceApproved
	}
	g.record(ctx, identity.Event{What: what, User: user, By: string(user), Address: from.Address,
		Detail: fmt.Sprintf("%s on %q, which asked from %s.", d.Client, d.Name, d.Address)})
	return d, nil
}
