package signin_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes := w.begin()
		if codes.ExpiresIn != 10*time.Minute || codes.Interval != 5*time.Second {
			w.Errorf("told %v, %v", codes.ExpiresIn, codes.Interval)
		}
		w.wantStanding(codes, signin.Waiting)

		d, err := w.grants.Pending(w.ctx, codes.UserCode)
		w.must(err)
		if d.Client != client || d.Name != "laptop" || d.Version != "aichat 1.2" || d.Address != "192.0.2.1" ||
			!d.CreatedAt.Equal(w.now()) || d.Scopes != identity.AllScopes {
			w.Errorf("shown: %+v", d)
		}
		w.decide(codes, true)
		g := w.wantStanding(codes, signin.LetIn).Grant
		if !identity.AccessToken.Plausible(g.AccessToken) || !identity.RefreshToken.Plausible(g.RefreshToken) ||
			g.ExpiresIn != 15*time.Minute || g.Scopes != identity.AllScopes {
			w.Errorf("granted: %+v", g)
		}
		w.wantIn(g)
		all, err := w.db.Identities().Sessions(w.ctx, w.user, w.now())
		w.must(err)
		if len(all) != 1 || all[0].ID != g.Session || all[0].Device != "laptop" || all[0].Client != client {
			w.Errorf("sessions: %+v", all)
		}
		approved, opened := w.events(identity.DeviceApproved), w.events(identity.SessionOpened)
		if len(approved) != 1 || approved[0].User != w.user || approved[0].By != string(w.user) || approved[0].Address != "198.51.100.7" ||
			!strings.Contains(approved[0].Detail, `"laptop"`) || !strings.Contains(approved[0].Detail, "192.0.2.1") {
			w.Errorf("approved: %+v", approved)
		}
		if len(opened) != 1 || opened[0].User != w.user || opened[0].Session != g.Session || opened[0].Address != "192.0.2.1" {
			w.Errorf("opened: %+v", opened)
		}
		// It is over now.
		_, err = w.poll(codes)
		w.want(fault.Unauthenticated, err)
		_, err = w.grants.Pending(w.ctx, codes.UserCode)
		w.want(fault.NotFound, err)
	})
}

func TestDenied(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes := w.begin()
		w.decide(codes, false)
		w.wantStanding(codes, signin.TurnedDown)
		// The first decision stands.
		_, err := w.grants.Decide(w.ctx, codes.UserCode, w.user, true, identity.Seen{})
		w.want(fault.NotFound, err)
		w.wantStanding(codes, signin.TurnedDown)
		if w.happened(identity.DeviceDenied) != 1 || w.happened(identity.DeviceApproved) != 0 {
			w.Errorf("events: %+v", w.events(""))
		}
	})
}

// TestExpired: a code is good until its time is over, and nothing brings it back.
func TestExpired(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		waiting, approved := w.begin(), w.begin()
		w.pass(10*time.Minute - time.Microsecond)
		w.decide(approved, true)
		w.wantStanding(waiting, signin.Waiting)
		w.pass(time.Microsecond)
		w.wantStanding(waiting, signin.TimedOut)
		w.wantStanding(approved, signin.TimedOut)
		_, err := w.grants.Pending(w.ctx, waiting.UserCode)
		w.want(fault.NotFound, err)
		_, err = w.grants.Decide(w.ctx, waiting.UserCode, w.user, true, identity.Seen{})
		w.want(fault.NotFound, err)
	})
}

// TestSlowDown: each poll that comes too soon adds five seconds for good.
func TestSlowDown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes := w.begin()
		for i, step := range []struct {
			pass     time.Duration
			standing signin.Standing
			interval time.Duration
		}{
			{0, signin.Waiting, 0},
			{5 * time.Second, signin.Waiting, 0},
			{4600 * time.Millisecond, signin.Waiting, 0}, // it was faster on its way
			{4 * time.Second, signin.SlowDown, 10 * time.Second},
			{5 * time.Second, signin.SlowDown, 15 * time.Second},
			{15 * time.Second, signin.Waiting, 0},
			{10 * time.Second, signin.SlowDown, 20 * time.Second}, // remembered
			{20 * time.Second, signin.Waiting, 0},
		} {
			w.pass(step.pass)
			if a := w.wantStanding(codes, step.standing); a.Interval != step.interval {
				w.Fatalf("step %d: told to wait %v, want %v", i, a.Interval, step.interval)
			}
		}
		// Who has been approved is let in, however soon the clock brings it back.
		w.decide(codes, true)
		w.wantIn(w.wantStanding(codes, signin.LetIn).Grant)
	})
}

// TestParallelPolls: of twenty polls at once one gets tokens.
func TestParallelPolls(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		for range 5 {
			codes := w.begin()
			w.decide(codes, true)
			var in atomic.Int32
			atOnce(20, func(int) {
				a, err := w.poll(codes)
				switch {
				case err == nil && a.Standing == signin.LetIn:
					in.Add(1)
				case !fault.Is(err, fault.Unauthenticated):
					w.Errorf("standing %v, error %v", a.Standing, err)
				}
			})
			if in.Load() != 1 {
				w.Fatalf("%d polls were given tokens", in.Load())
			}
		}
		all, err := w.db.Identities().Sessions(w.ctx, w.user, w.now())
		w.must(err)
		if len(all) != 5 {
			w.Errorf("%d sessions, want 5", len(all))
		}
	})
}

// TestParallelDecisions: of many decisions at once one counts.
func TestParallelDecisions(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes := w.begin()
		var decided, approved atomic.Int32
		atOnce(20, func(i int) {
			d, err := w.grants.Decide(w.ctx, codes.UserCode, w.user, i%2 == 0, identity.Seen{})
			if err == nil {
				decided.Add(1)
				if d.State == signin.Approved {
					approved.Add(1)
				}
			} else if !fault.Is(err, fault.NotFound) {
				w.Errorf("decide: %v", err)
			}
		})
		if decided.Load() != 1 {
			w.Fatalf("%d decisions counted", decided.Load())
		}
		want := signin.TurnedDown
		if approved.Load() == 1 {
			want = signin.LetIn
		}
		w.wantStanding(codes, want)
	})
}

func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes := w.begin()
		for _, code := range []string{"", "x", identity.DeviceCode.New(), identity.AccessToken.New(), codes.DeviceCode + "a",
			strings.ToUpper(codes.DeviceCode), string(codes.UserCode), codes.DeviceCode + "\x00"} {
			_, err := w.grants.Poll(w.ctx, client, code, identity.Seen{})
			w.want(fault.Unauthenticated, err)
		}
		for _, code := range []signin.UserCode{"", "BCDFGHJK", signin.UserCode(codes.UserCode.Shown())} {
			if code == codes.UserCode {
				continue
			}
			_, err := w.grants.Pending(w.ctx, code)
			w.want(fault.NotFound, err)
		}
	})
}

// TestWrongClient: a client that is not known is refused by name everywhere; one
// that is known has no use for another's codes and tokens, and does not spoil
// them.
func TestWrongClient(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes, g := w.begin(), w.signIn()
		for _, unknown := range []string{"", "AICHAT-CLI", "aichat-cli ", "stranger"} {
			_, err := w.grants.BeginDevice(w.ctx, signin.DeviceRequest{Client: unknown})
			w.wantSubject(signin.SubjectClient, err)
			_, err = w.grants.Poll(w.ctx, unknown, codes.DeviceCode, identity.Seen{})
			w.wantSubject(signin.SubjectClient, err)
			_, err = w.grants.Refresh(w.ctx, signin.Refreshing{Client: unknown, Token: g.RefreshToken})
			w.wantSubject(signin.SubjectClient, err)
			w.wantSubject(signin.SubjectClient, w.grants.Revoke(w.ctx, unknown, g.RefreshToken, identity.Seen{}))
		}
		w.decide(codes, true)
		_, err := w.grants.Poll(w.ctx, "other", codes.DeviceCode, identity.Seen{})
		w.want(fault.Unauthenticated, err)
		_, err = w.grants.Refresh(w.ctx, signin.Refreshing{Client: "other", Token: g.RefreshToken})
		w.want(fault.Unauthenticated, err)
		w.want(fault.Unauthenticated, w.grants.Revoke(w.ctx, "other", g.RefreshToken, identity.Seen{}))
		w.wantStanding(codes, signin.LetIn)
		w.wantIn(w.mustRefresh(g.RefreshToken))
		w.wantEnded()
	})
}

// TestOwnWords: what a program says of itself is one short, visible line.
func TestOwnWords(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		for said, want := range map[string]string{
			"":                                  "",
			"  ann's   laptop\r\n(work)\t":      "ann's laptop (work)",
			"evil\x1b[2Jname":                   "evil[2Jname",
			"a\u202egnp.exe":                    "agnp.exe",
			"a\u200b\u2066b\u2069\ufeffc\u00ad": "abc",
			"a\x00b\u0085c\u2028d":              "ab c d",
			"caf\xe9":                           "caf",
			"名前 🖥":                              "名前 🖥",
			strings.Repeat("ä", 200):            strings.Repeat("ä", 64),
			strings.Repeat("x ", 100):           strings.TrimSpace(strings.Repeat("x ", 32)),
		} {
			codes := w.beginAs(signin.DeviceRequest{Client: client, Name: said, Version: said})
			d, err := w.grants.Pending(w.ctx, codes.UserCode)
			w.must(err)
			if d.Name != want || d.Version != want {
				w.Errorf("%q became %q and %q, want %q", said, d.Name, d.Version, want)
			}
		}
	})
}

// crowded is a store in which the first user codes are taken.
type crowded struct {
	signin.GrantStore
	taken int
}

func (c *crowded) AddDevice(ctx context.Context, d signin.Device) error {
	if c.taken > 0 {
		c.taken--
		return fault.New(fault.IDConflict, "taken")
	}
	return c.GrantStore.AddDevice(ctx, d)
}

func TestTakenUserCodes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		for taken, kind := range map[int]fault.Kind{1: 0, 3: 0, 4: fault.IDConflict} {
			o := w.options
			o.Store = &crowded{o.Store, taken}
			_, err := signin.NewGrants(o).BeginDevice(w.ctx, signin.DeviceRequest{Client: client})
			if f := fault.Of(err); (f != nil) != (kind != 0) || f != nil && f.Kind != kind {
				w.Errorf("%d taken: %v", taken, err)
			}
		}
	})
}

// forgetful cannot write security events.
type forgetful struct{ identity.Audit }

func (forgetful) Record(context.Context, identity.Event) error {
	return fault.New(fault.Unavailable, "The disk is full.")
}

func TestEventsThatCannotBeRecordedUndoNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		o := w.options
		o.Audit = forgetful{}
		w.grants = signin.NewGrants(o)
		g := w.signIn()
		w.wantIn(g)
		w.must(w.grants.Revoke(w.ctx, client, g.AccessToken, identity.Seen{}))
		w.wantOut(g.AccessToken)
		if !strings.Contains(w.log.String(), "security event not recorded") {
			w.Error("the log says nothing of it")
		}
	})
}

// TestNothingShownIsStored looks for everything that was handed out in the
// database's own files.
func TestNothingShownIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqlitetest.File(t))
	codes := w.begin()
	w.decide(codes, true)
	first := w.wantStanding(codes, signin.LetIn).Grant
	second := w.mustRefresh(first.RefreshToken)
	shown := []string{codes.DeviceCode, string(codes.UserCode), codes.UserCode.Shown(),
		first.AccessToken, first.RefreshToken, second.AccessToken, second.RefreshToken}
	files, err := filepath.Glob(w.database + "*")
	w.must(err)
	var stored strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		w.must(err)
		stored.Write(b)
	}
	if !strings.Contains(stored.String(), first.Session) {
		t.Fatal("the files do not even hold the session's id: this test looks in the wrong place")
	}
	for i, secret := range shown {
		if strings.Contains(stored.String(), secret) {
			t.Errorf("secret %d is in the database", i)
		}
	}
}
