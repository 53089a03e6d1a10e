package storetest

import (
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// newDevice stores a pending request.
func (w *world) newDevice() signin.Device {
	w.Helper()
	d := w.device()
	w.must(w.signin.AddDevice(w.ctx, d))
	return d
}

func (w *world) device() signin.Device {
	at := w.now()
	return signin.Device{CodeHash: identity.Hash(identity.DeviceCode.New()), UserCodeHash: identity.Hash(identity.DeviceCode.New()),
		Client: "aichat-cli", Scopes: identity.AllScopes, Name: "laptop", Version: "aichat 1", Address: "192.0.2.1",
		CreatedAt: at, ExpiresAt: at.Add(10 * time.Minute), Interval: 5 * time.Second}
}

func (w *world) wantDevice(got, want signin.Device) {
	w.Helper()
	if string(got.CodeHash) != string(want.CodeHash) || string(got.UserCodeHash) != string(want.UserCodeHash) {
		w.Fatalf("another device: %+v", got)
	}
	got.CodeHash, got.UserCodeHash, want.CodeHash, want.UserCodeHash = nil, nil, nil, nil
	if got.Client != want.Client || got.Scopes != want.Scopes || got.Name != want.Name || got.Version != want.Version ||
		got.Address != want.Address || !got.CreatedAt.Equal(want.CreatedAt) || !got.ExpiresAt.Equal(want.ExpiresAt) ||
		got.Interval != want.Interval || !got.PolledAt.Equal(want.PolledAt) || got.State != want.State || got.User != want.User {
		w.Fatalf("device %+v, want %+v", got, want)
	}
}

func devices(w *world) {
	d := w.newDevice()
	d.State = signin.Pending
	got, err := w.signin.DeviceByUserCode(w.ctx, d.UserCodeHash, w.clock)
	w.must(err)
	w.wantDevice(got, d)
	_, err = w.signin.DeviceByUserCode(w.ctx, d.CodeHash, w.clock)
	w.want(fault.NotFound, err)
	_, err = w.signin.DeviceByUserCode(w.ctx, d.UserCodeHash, d.ExpiresAt)
	w.want(fault.NotFound, err)

	twin := w.device()
	twin.UserCodeHash = d.UserCodeHash
	w.want(fault.IDConflict, w.signin.AddDevice(w.ctx, twin))
	_, err = w.signin.DecideDevice(w.ctx, d.UserCodeHash, w.user, true, d.ExpiresAt)
	w.want(fault.NotFound, err)
	got, err = w.signin.DecideDevice(w.ctx, d.UserCodeHash, w.user, false, w.clock)
	w.must(err)
	d.State, d.User = signin.Denied, w.user
	w.wantDevice(got, d)
	_, err = w.signin.DecideDevice(w.ctx, d.UserCodeHash, w.user, true, w.clock)
	w.want(fault.NotFound, err)
	_, err = w.signin.DeviceByUserCode(w.ctx, d.UserCodeHash, w.clock)
	w.want(fault.NotFound, err)

	// One that is over gives its code back.
	twin.CreatedAt, twin.ExpiresAt = d.ExpiresAt, d.ExpiresAt.Add(time.Minute)
	w.must(w.signin.AddDevice(w.ctx, twin))
	broken := w.device()
	broken.Name = "a\xffb"
	w.want(fault.TextInvalid, w.signin.AddDevice(w.ctx, broken))
}

// devicePolls: the interval grows with each poll that comes too soon, and that is
// remembered.
func devicePolls(w *world) {
	d := w.newDevice()
	at := w.clock
	for i, step := range []struct {
		after    time.Duration
		tooSoon  bool
		interval time.Duration
	}{
		{0, false, 5 * time.Second},
		{5 * time.Second, false, 5 * time.Second},
		{4999 * time.Millisecond, true, 10 * time.Second},
		{9 * time.Second, true, 15 * time.Second},
		{15 * time.Second, false, 15 * time.Second},
		{20 * time.Minute, false, 15 * time.Second},
	} {
		at = at.Add(step.after)
		p, err := w.signin.PollDevice(w.ctx, d.CodeHash, at)
		w.must(err)
		if p.TooSoon != step.tooSoon || p.Device.Interval != step.interval || !p.Device.PolledAt.Equal(at) || p.Device.State != signin.Pending {
			w.Errorf("poll %d: %+v", i, p)
		}
		wantEqual(w, "expires at", p.Device.ExpiresAt, d.ExpiresAt)
	}
	_, err := w.signin.PollDevice(w.ctx, d.UserCodeHash, at)
	w.want(fault.NotFound, err)
}

func claimDevice(w *world) {
	d, g := w.newDevice(), w.newOpening()
	_, err := w.signin.ClaimDevice(w.ctx, d.CodeHash, g.opening())
	w.want(fault.NotFound, err) // pending
	_, err = w.signin.DecideDevice(w.ctx, d.UserCodeHash, w.user, true, w.clock)
	w.must(err)
	late := g
	late.CreatedAt = d.ExpiresAt
	_, err = w.signin.ClaimDevice(w.ctx, d.CodeHash, late.opening())
	w.want(fault.NotFound, err)
	s, err := w.signin.ClaimDevice(w.ctx, d.CodeHash, g.opening())
	w.must(err)
	g.User = w.user
	wantEqual(w, "session", s, g.Session)
	_, err = w.signin.ClaimDevice(w.ctx, d.CodeHash, w.newOpening().opening())
	w.want(fault.NotFound, err)
	p, err := w.signin.PollDevice(w.ctx, d.CodeHash, w.clock)
	w.must(err)
	wantEqual(w, "state", p.Device.State, signin.Claimed)

	// Who signs out everywhere has let nobody in.
	waiting := w.newDevice()
	_, err = w.signin.DecideDevice(w.ctx, waiting.UserCodeHash, w.user, true, w.clock)
	w.must(err)
	_, err = w.who.RevokeSessions(w.ctx, w.user, "", w.now())
	w.must(err)
	_, err = w.signin.ClaimDevice(w.ctx, waiting.CodeHash, w.newOpening().opening())
	w.want(fault.NotFound, err)
	p, err = w.signin.PollDevice(w.ctx, waiting.CodeHash, w.clock)
	w.must(err)
	wantEqual(w, "state", p.Device.State, signin.Denied)

	// A user who is gone signs nobody in.
	gone := w.newDevice()
	_, bob := w.newUser("bob")
	_, err = w.signin.DecideDevice(w.ctx, gone.UserCodeHash, bob, true, w.clock)
	w.must(err)
	w.must(w.who.DeleteUser(w.ctx, bob))
	_, err = w.signin.ClaimDevice(w.ctx, gone.CodeHash, w.newOpening().opening())
	w.want(fault.NotFound, err)
	ghost := w.newDevice()
	_, err = w.signin.DecideDevice(w.ctx, ghost.UserCodeHash, bob, true, w.clock)
	w.must(err)
	_, err = w.signin.ClaimDevice(w.ctx, ghost.CodeHash, w.newOpening().opening())
	w.want(fault.NotFound, err)
}

// raceClaimDevice: an approved request becomes one session, however many polls
// come at once.
func raceClaimDevice(w *world) {
	const polls = 20
	for n := range rounds {
		d := w.newDevice()
		_, err := w.signin.DecideDevice(w.ctx, d.UserCodeHash, w.user, true, w.clock)
		w.must(err)
		grants := make([]grant, polls)
		for i := range grants {
			grants[i] = w.newOpening()
		}
		now := w.clock
		var won atomic.Int64
		together(polls, func(i int) {
			if _, err := w.signin.PollDevice(w.ctx, d.CodeHash, now); err != nil {
				w.Errorf("poll: %v", err)
			}
			_, err := w.signin.ClaimDevice(w.ctx, d.CodeHash, grants[i].opening())
			switch {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, fault.NotFound):
				w.Errorf("claim: %v", err)
			}
		})
		wantEqual(w, "won", won.Load(), 1)
		all, err := w.who.Sessions(w.ctx, w.user, w.clock)
		w.must(err)
		wantEqual(w, "sessions", len(all), n+1)
		p, err := w.signin.PollDevice(w.ctx, d.CodeHash, now.Add(time.Hour))
		w.must(err)
		wantEqual(w, "interval", p.Device.Interval, polls*5*time.Second) // all but the first came too soon
	}
}
