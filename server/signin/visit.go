package signin

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Visit is a browser as it comes with a request.
type Visit struct {
	Browser

	// Cookie is the credential: it goes to the browser and nowhere else.
	Cookie string

	// Fresh says that the browser does not have the cookie yet.
	Fresh bool

	// Seen is where it comes from.
	Seen identity.Seen

	kept bool // the store has it
}

// SignedIn reports whether somebody has signed in with the browser.
func (v Visit) SignedIn() bool { return v.User != "" }

// Visit says which browser shows a cookie; one without, or with one that nobody
// gave it, is new. A browser of whom nothing is known yet costs the store
// nothing: it is kept when it begins something, see keep.
func (p *Pages) Visit(ctx context.Context, cookie string, seen identity.Seen) (Visit, error) {
	if !identity.BrowserCookie.Plausible(cookie) {
		return p.stranger(identity.BrowserCookie.New(), seen, true), nil
	}
	b, err := p.Store.Browser(ctx, identity.Hash(cookie), p.Now())
	if fault.Is(err, fault.NotFound) {
		return p.stranger(cookie, seen, false), nil
	}
	if err != nil {
		return Visit{}, err
	}
	return Visit{Browser: b, Cookie: cookie, Seen: seen, kept: true}, nil
}

// stranger is a browser with which nobody has signed in.
func (p *Pages) stranger(cookie string, seen identity.Seen, fresh bool) Visit {
	return Visit{Browser: p.browser(cookie, "", visitLifetime), Cookie: cookie, Fresh: fresh, Seen: seen}
}

// browser is what is stored of a browser from now on.
func (p *Pages) browser(cookie string, user identity.UserID, lifetime time.Duration) Browser {
	now := p.Now()
	b := Browser{Hash: identity.Hash(cookie), User: user, CreatedAt: now, ExpiresAt: now.Add(lifetime)}
	if user != "" {
		b.SignedAt = now
	}
	return b
}

// keep stores a browser before something is stored that belongs to it. Twice at
// once, from two forms of one page, is once.
func (p *Pages) keep(ctx context.Context, v Visit) error {
	if v.kept {
		return nil
	}
	err := p.Store.AddBrowser(ctx, v.Browser)
	if fault.Is(err, fault.IDConflict) {
		return nil
	}
	return err
}

// signIn gives the browser to a user, under a new credential: one who planted
// the old one, or saw it, has nothing.
func (p *Pages) signIn(ctx context.Context, v Visit, user identity.UserID) (Visit, error) {
	next := Visit{Cookie: identity.BrowserCookie.New(), Fresh: true, Seen: v.Seen, kept: true}
	next.Browser = p.browser(next.Cookie, user, p.BrowserLifetime)
	if err := p.keep(ctx, v); err != nil {
		return Visit{}, err
	}
	if err := p.Store.ReplaceBrowser(ctx, v.Hash, next.Browser); err != nil {
		return Visit{}, err
	}
	return next, nil
}

// SignOut ends the browser's session. The programs that were let in with it stay
// signed in.
func (p *Pages) SignOut(ctx context.Context, v Visit) error {
	if !v.kept {
		return nil
	}
	if err := p.Store.RemoveBrowser(ctx, v.Hash); err != nil {
		return err
	}
	if v.SignedIn() {
		p.record(ctx, identity.Event{What: identity.SignedOut, User: v.User, Address: v.Seen.Address, Detail: "The browser's session."})
	}
	return nil
}
