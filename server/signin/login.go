package signin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// chance is 256 random bits as text that fits in a URL; PKCE asks for 43
// characters of a verifier (RFC 7636, section 4.1).
func chance() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// BeginLogin begins a sign-in at a provider and returns the URL to send the
// browser to. next is where the person goes afterwards: see ReturnPath. Somebody
// who is signed in already links another identity this way.
func (p *Pages) BeginLogin(ctx context.Context, v Visit, provider, next string) (string, error) {
	at, err := p.provider(provider)
	if err != nil {
		return "", err
	}
	state := chance()
	l := Login{
		StateHash: identity.Hash(state), BrowserHash: v.Hash, Provider: provider,
		Nonce: chance(), Verifier: chance(),
		Return: ReturnPath(next), ExpiresAt: p.Now().Add(loginLifetime),
	}
	// The provider is asked first: one that is away leaves nothing behind.
	url, err := at.Begin(ctx, p.callback(provider), l, state)
	if err != nil {
		return "", err
	}
	if err := p.keep(ctx, v); err != nil {
		return "", err
	}
	return url, p.Store.AddLogin(ctx, l)
}

// Callback is what a provider sent the browser back with (RFC 6749, section
// 4.1.2).
type Callback struct {
	State string
	Code  string
	Error string // the provider's error code instead of a Code, such as "access_denied"
}

// FinishLogin ends what BeginLogin began. The state names a login of this very
// browser at this very provider, and is used up whatever follows; each provider
// has a callback of its own, so that an answer of one never reaches another (RFC
// 9700, section 4.4.2).
func (p *Pages) FinishLogin(ctx context.Context, v Visit, provider string, a Callback) (Entered, error) {
	at, err := p.provider(provider)
	if err != nil {
		return Entered{}, err
	}
	l, err := p.Store.ClaimLogin(ctx, identity.Hash(a.State), v.Hash, p.Now())
	if fault.Is(err, fault.NotFound) || err == nil && l.Provider != provider {
		return Entered{}, p.refused(ctx, v, errNoLogin, at.Title()+": an answer to no question of this browser.")
	}
	if err != nil {
		return Entered{}, err
	}
	if a.Code == "" {
		return Entered{}, p.turnedBack(ctx, at, a)
	}
	person, err := at.Finish(ctx, p.callback(provider), l, a.Code)
	if err == nil && (person.Issuer == "" || person.Subject == "") {
		err = fault.New(fault.Internal, "%s did not say who you are.", at.Title())
	}
	if err != nil {
		return Entered{}, p.refused(ctx, v, err, at.Title()+": its answer was not accepted.")
	}
	return p.enter(ctx, v, at.Title(), person, l.Return)
}

// errNoLogin is constant: it must not tell which of them it was.
var errNoLogin = fault.New(fault.Unauthenticated,
	"This sign-in has ended, was used before, or began in another browser. Begin again from the sign-in page.")

// turnedBack says what became of a person who came back without a code.
func (p *Pages) turnedBack(ctx context.Context, at Provider, a Callback) error {
	if a.Error == "access_denied" {
		return fault.New(fault.Forbidden, "You did not let %s tell us who you are, so nobody is signed in. You can try again, or choose another way.", at.Title())
	}
	p.Logger.LogAttrs(ctx, slog.LevelWarn, "identity provider refused",
		slog.String("provider", at.Name()), slog.String("error_code", oneLine(a.Error)))
	return fault.New(fault.Unavailable, "%s could not sign you in. Try again in a moment; if that does not help, tell whoever runs this server.", at.Title())
}
