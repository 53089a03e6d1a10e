package signin

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Answer is what a program hears that asks whether it has been let in.
type Answer struct {
	Standing Standing
	Interval time.Duration // the least time until it asks again; with SlowDown
	Grant    Grant         // with LetIn
}

// Standing says how far a device flow has come (RFC 8628, section 3.5).
type Standing uint8

// The standings.
const (
	Waiting    Standing = iota // nobody has decided yet
	SlowDown                   // the same, and it asks too often: its interval has grown
	TurnedDown                 // somebody said no
	TimedOut                   // nobody decided in time
	LetIn
)

// Poll answers a program that waits (RFC 8628, section 3.4). It lets it in once:
// a device code that was used, was never given or was given to another client is
// Unauthenticated. An approved program is let in however often it asks: to slow
// down is for those who wait, and a clock that runs fast must not keep anybody
// out.
func (g *Grants) Poll(ctx context.Context, client, deviceCode string, from identity.Seen) (Answer, error) {
	if err := g.checkClient(client); err != nil {
		return Answer{}, err
	}
	if !identity.DeviceCode.Plausible(deviceCode) {
		return Answer{}, errDeviceCode
	}
	hash, now := identity.Hash(deviceCode), g.Now()
	p, err := g.Store.PollDevice(ctx, hash, now)
	if err != nil {
		return Answer{}, unknownAs(err, errDeviceCode)
	}
	d := p.Device
	switch {
	case d.Client != client, d.State == Claimed:
		return Answer{}, errDeviceCode
	case d.State == Denied:
		return Answer{Standing: TurnedDown}, nil
	case !now.Before(d.ExpiresAt):
		return Answer{Standing: TimedOut}, nil
	case d.State == Approved:
		return g.open(ctx, d, from)
	case p.TooSoon:
		return Answer{Standing: SlowDown, Interval: d.Interval + g.jitter()}, nil
	}
	return Answer{Standing: Waiting}, nil
}

// open turns an approved request into a session.
func (g *Grants) open(ctx context.Context, d Device, from identity.Seen) (Answer, error) {
	now := g.Now()
	s := identity.Session{
		ID: newID(), Client: d.Client, Scopes: d.Scopes,
		Device: d.Name, Version: d.Version, Address: oneLine(from.Address),
		CreatedAt: now, SeenAt: now,
		IdleUntil: now.Add(g.IdleLifetime), ExpiresAt: now.Add(g.SessionLifetime),
	}
	refresh, access, until := identity.RefreshToken.New(), identity.AccessToken.New(), g.accessUntil(s, now)
	s, err := g.Store.ClaimDevice(ctx, d.CodeHash, Opening{
		Session: s, AccessHash: identity.Hash(access), AccessExpiresAt: until, RefreshHash: identity.Hash(refresh),
	})
	if err != nil {
		return Answer{}, unknownAs(err, errDeviceCode)
	}
	g.record(ctx, identity.Event{What: identity.SessionOpened, User: s.User, By: string(s.User), Session: s.ID,
		Address: s.Address, Detail: describe(s)})
	return Answer{Standing: LetIn, Grant: grantOf(s, access, refresh, until.Sub(now))}, nil
}

// errDeviceCode is constant: it must not tell why.
var errDeviceCode = fault.New(fault.Unauthenticated, "That device code is not good, or was used already. Start the sign-in again.")

// unknownAs puts a refusal in the place of NotFound.
func unknownAs(err error, refusal *fault.Error) error {
	if fault.Is(err, fault.NotFound) {
		return refusal
	}
	return err
}
