package oauth_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/signin"
)

// broken fails in one way.
type broken struct{ err error }

func (b broken) BeginDevice(context.Context, signin.DeviceRequest) (signin.DeviceCodes, error) {
	return signin.DeviceCodes{}, b.err
}

func (b broken) Poll(context.Context, string, string, identity.Seen) (signin.Answer, error) {
	return signin.Answer{}, b.err
}

func (b broken) Refresh(context.Context, signin.Refreshing) (signin.Grant, error) {
	return signin.Grant{}, b.err
}

func (b broken) Revoke(context.Context, string, string, identity.Seen) error { return b.err }

// TestBrokenPrograms: one that shows the same dead token for ever harms nobody
// behind its address, and is no load.
func TestBrokenPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{UnknownRate: tight})
	g := w.signIn()
	grants := &counted{Grants: w.grants}
	w.door = oauth.New(oauth.Options{Grants: grants, URL: site, UnknownRate: tight, Now: w.now})
	dead := identity.RefreshToken.New()
	for range 50 {
		w.wantError(w.refresh(dead), 400, wire.OAuthInvalidGrant)
		w.wantError(w.poll(g.RefreshToken), 400, wire.OAuthInvalidGrant) // is no device code
	}
	if n := grants.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
	read[wire.TokenGrant](w, w.refresh(g.RefreshToken), 200)
}

// TestFailures: our own failures are told as such, without their causes.
func TestFailures(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial tcp 10.0.0.5: refused")
	for _, tc := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.Wrap(cause, fault.Unavailable, "The database is away."), 503, wire.OAuthUnavailable},
		{fault.Wrap(cause, fault.Internal, ""), 500, wire.OAuthServerError},
		{cause, 500, wire.OAuthServerError},
		{context.DeadlineExceeded, 503, wire.OAuthUnavailable},
		{&fault.Error{Kind: fault.RateLimited, RetryAfter: 1500 * time.Millisecond}, 429, wire.OAuthUnavailable},
	} {
		w := newWorld(t, oauth.Options{Grants: broken{tc.err}})
		for _, a := range []answer{
			w.post(wire.PathDeviceCode, "client_id", wire.ClientID),
			w.poll(identity.DeviceCode.New()), w.refresh(identity.RefreshToken.New()), w.revoke(identity.RefreshToken.New()),
		} {
			p := w.wantError(a, tc.status, tc.code)
			if strings.Contains(a.body, "10.0.0.5") {
				t.Errorf("the cause is told: %s", p.Description)
			}
			if tc.status == 429 && a.header.Get("Retry-After") != "2" {
				t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
			}
		}
		if logged := strings.Contains(w.log.String(), "sign-in request failed"); logged != (tc.status >= 500) {
			t.Errorf("%v: logged: %v", tc.err, logged)
		}
	}
}

// mad panics.
type mad struct{ broken }

func (mad) Revoke(_ context.Context, _, _ string, _ identity.Seen) error { panic("out of order") }

func TestPanics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{Grants: mad{}})
	w.wantError(w.revoke(identity.RefreshToken.New()), 500, wire.OAuthServerError)
	if text := w.log.String(); !strings.Contains(text, "out of order") || !strings.Contains(text, "status=500") {
		t.Errorf("logged: %s", text)
	}
}

// deadlined is a connection that can be told to wait no longer.
type deadlined struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlined) SetReadDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return nil
}

// TestSlowForms: nobody may take for ever over a form; what follows on the
// connection has all the time again.
func TestSlowForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	r := httptest.NewRequest("POST", wire.PathDeviceCode, strings.NewReader("client_id="+wire.ClientID))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	d := &deadlined{ResponseRecorder: httptest.NewRecorder()}
	before := time.Now()
	w.door.ServeHTTP(d, r)
	if len(d.set) != 2 || !d.set[0].After(before) || d.set[0].After(time.Now().Add(time.Minute)) || !d.set[1].IsZero() || d.Code != 200 {
		t.Errorf("status %d, deadlines %v", d.Code, d.set)
	}
}

// TestEveryFaultHasACode: whatever a fault's kind, it is one of OAuth's errors
// with a status that fits.
func TestEveryFaultHasACode(t *testing.T) {
	t.Parallel()
	known := map[string]bool{wire.OAuthInvalidRequest: true, wire.OAuthInvalidGrant: true, wire.OAuthServerError: true, wire.OAuthUnavailable: true}
	for _, kind := range fault.Kinds() {
		status, code := oauth.FaultCode(&fault.Error{Kind: kind})
		if !known[code] || (code == wire.OAuthServerError) != (status == 500) {
			t.Errorf("%v becomes %d %s", kind, status, code)
		}
	}
}
