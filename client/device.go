package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/aichat-term/aichat/client/wire"
)

// DeviceRequest says what a program asks for, in words that the person who is
// asked will read.
type DeviceRequest struct {
	Name  string // of the machine
	Scope string // separated by spaces; empty: what the server gives
}

// Device is a sign-in that is under way (RFC 8628): somewhere a person is asked
// to open a page and to compare a code.
type Device struct {
	wire.DeviceCode

	authority *Authority
	left      time.Duration // of its life, when begun was
	begun     time.Time     // with the monotonic clock's reading
}

// What a server may say of time is believed within these bounds.
const (
	usualInterval = 5 * time.Second // RFC 8628, section 3.2
	maxInterval   = 2 * time.Minute
	maxLife       = 24 * time.Hour

	// maxUserCode is how long a code for people may be, in bytes. It is shown, and
	// may be put where the person pastes from: it must not be a command.
	maxUserCode = 40
)

// BeginDevice asks for a code. The page that the server names must be of its own
// origin: nobody is sent anywhere else.
func (a *Authority) BeginDevice(ctx context.Context, r DeviceRequest) (*Device, error) {
	if a.endpoints.Device == "" {
		return nil, &ProtocolError{URL: a.base.String(), Reason: "does not sign programs in by a code"}
	}
	form := url.Values{wire.FieldDeviceName: {r.Name}, wire.FieldClientVersion: {"aichat " + a.version}}
	if r.Scope != "" {
		form.Set("scope", r.Scope)
	}
	var code wire.DeviceCode
	if err := a.post(ctx, a.endpoints.Device, form, &code); err != nil {
		return nil, err
	}
	return a.ResumeDevice(code, time.Duration(code.ExpiresIn)*time.Second)
}

// ResumeDevice goes on with a code that was asked for before, perhaps by another
// process, and lives for that long yet.
func (a *Authority) ResumeDevice(code wire.DeviceCode, left time.Duration) (*Device, error) {
	if code.DeviceCode == "" || code.UserCode == "" || code.VerificationURI == "" || code.ExpiresIn <= 0 {
		return nil, &ProtocolError{URL: a.endpoints.Device, Reason: "answered without a code"}
	}
	if len(code.UserCode) > maxUserCode || strings.ContainsFunc(code.UserCode, notPrintable) {
		return nil, &ProtocolError{URL: a.endpoints.Device, Reason: "answered with a code that nobody can type"}
	}
	for _, page := range []string{code.VerificationURI, code.VerificationURIComplete} {
		if page != "" && (!sameOrigin(a.base.String(), page) || strings.ContainsFunc(page, notPrintable)) {
			return nil, &ProtocolError{URL: a.endpoints.Device, Reason: "names a page at " + redacted(page) + ", which is not its own address"}
		}
	}
	return &Device{DeviceCode: code, authority: a, left: min(max(left, 0), maxLife), begun: time.Now()}, nil
}

func notPrintable(r rune) bool { return !unicode.IsPrint(r) }

// Page is where the person is sent: it shows the code, to be compared. It is
// http or https, and of the server's own origin.
func (d *Device) Page() string {
	if d.VerificationURIComplete != "" {
		return d.VerificationURIComplete
	}
	return d.VerificationURI
}

// Left is for how long the code is good yet, by this machine's clock.
func (d *Device) Left() time.Duration { return max(d.left-time.Since(d.begun), 0) }

// Poll is what a Wait tells of each answer but the last.
type Poll struct {
	Lost error         // why there was no answer; nil: there was one
	Wait time.Duration // until it asks again
}

// Wait asks until the person has decided: at once, and then at the server's
// interval, which grows whenever it says so. told, which may be nil, is called
// between. A server that cannot be reached is asked again until the code has
// expired.
//
// The error is an *OAuthError with wire.OAuthAccessDenied or
// wire.OAuthExpiredToken where the person said no or said nothing, another where
// the server refuses for another reason, or ctx's own.
func (d *Device) Wait(ctx context.Context, told func(Poll)) (Tokens, error) {
	p := newPace(d.Interval)
	form := url.Values{"grant_type": {wire.GrantDeviceCode}, "device_code": {d.DeviceCode.DeviceCode}}
	for {
		tokens, err := d.authority.grant(ctx, form)
		if err == nil {
			return tokens, nil
		}
		if ctx.Err() != nil {
			return Tokens{}, context.Cause(ctx)
		}
		poll, on := p.heard(err)
		if !on {
			return Tokens{}, err
		}
		if d.over(poll) {
			return Tokens{}, expired(poll.Lost)
		}
		if told != nil {
			told(poll)
		}
		if !d.authority.sleep(ctx, poll.Wait) {
			return Tokens{}, context.Cause(ctx)
		}
	}
}

// over reports whether there is nothing to wait for any more. While the server
// says that the code is good it is believed, for our own clock may run fast; but
// not for ever.
func (d *Device) over(p Poll) bool {
	since := time.Since(d.begun)
	if p.Lost != nil {
		return since >= d.left
	}
	return since >= 2*d.left+time.Minute
}

// expired says that the time was up, and what stood in the way if something did.
func expired(lost error) error {
	e := &OAuthError{OAuthProblem: wire.OAuthProblem{Error: wire.OAuthExpiredToken}}
	if lost != nil {
		return fmt.Errorf("%w; before that, %w", e, lost)
	}
	return e
}

// pace says when to ask again.
type pace struct {
	interval time.Duration // the server's
	stretch  float64       // how much longer it is by our clock: 1 at first
	failures int           // in a row
}

// slack is added to every wait, for what the way makes of it.
const slack = 200 * time.Millisecond

func newPace(interval int64) *pace {
	p := &pace{interval: usualInterval, stretch: 1}
	if interval > 0 {
		p.interval = min(time.Duration(interval)*time.Second, maxInterval)
	}
	return p
}

// heard says what an answer means: whether to go on, and after how long.
func (p *pace) heard(err error) (Poll, bool) {
	if refusal, ok := errors.AsType[*OAuthError](err); ok {
		switch refusal.Code() {
		case wire.OAuthAuthorizationPending:
			p.failures = 0
			return Poll{Wait: p.wait(refusal.RetryAfter)}, true
		case wire.OAuthSlowDown:
			p.failures = 0
			p.slowDown(refusal)
			return Poll{Wait: p.wait(refusal.RetryAfter)}, true
		}
	}
	asked, passing := passing(err)
	if !passing {
		return Poll{}, false
	}
	p.failures++
	return Poll{Lost: err, Wait: max(p.wait(asked), min(time.Second<<min(p.failures, 5), 30*time.Second))}, true
}

// slowDown takes the longer interval: the server's own number, or five seconds
// more (RFC 8628, section 3.5). That it was needed also means that our clock runs
// faster than the server's, as in virtual machines that were put to sleep: each
// time we also wait half as long again, or the next poll would be early too.
func (p *pace) slowDown(e *OAuthError) {
	longer := time.Duration(e.Interval) * time.Second
	if longer <= p.interval {
		longer = p.interval + 5*time.Second
	}
	p.interval = min(longer, maxInterval)
	p.stretch = min(p.stretch*1.5, 4)
}

func (p *pace) wait(asked time.Duration) time.Duration {
	return max(time.Duration(float64(p.interval)*p.stretch), min(asked, maxInterval)) + slack
}

// passing reports whether an error may be otherwise in a moment, and when the
// server wants to be asked again; 0: it did not say.
func passing(err error) (after time.Duration, yes bool) {
	var (
		refusal     *Error
		oauth       *OAuthError
		unreachable *UnreachableError
		protocol    *ProtocolError
	)
	switch {
	case errors.As(err, &oauth):
		switch oauth.Code() {
		case wire.OAuthServerError, wire.OAuthUnavailable:
			return oauth.RetryAfter, true
		}
		return oauth.RetryAfter, oauth.Status == http.StatusTooManyRequests || oauth.Status >= http.StatusInternalServerError
	case errors.As(err, &refusal):
		yes = refusal.Status == http.StatusTooManyRequests || refusal.Status >= http.StatusInternalServerError
		return time.Duration(refusal.RetryAfter) * time.Second, yes
	case errors.As(err, &protocol):
		return 0, protocol.Status >= http.StatusInternalServerError
	}
	return 0, errors.As(err, &unreachable)
}
