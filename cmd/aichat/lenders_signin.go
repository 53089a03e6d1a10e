package main

import (
	"errors"
	"net/http"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/credential"
)

// credentials is what is kept of sign-ins. Nothing of it is read yet.
func (l *lenders) credentials() (*credential.Store, error) {
	if l.kept != nil {
		return l.kept, nil
	}
	c, _, err := l.config()
	if err != nil {
		return nil, err
	}
	mode, err := credential.ParseMode(c.Credentials)
	if err != nil {
		return nil, configFailure(errors.New("AICHAT_CREDENTIALS: " + err.Error()))
	}
	dirs, err := l.dirs()
	if err != nil {
		return nil, err
	}
	l.kept = credential.New(credential.Options{Dir: dirs.Config, Mode: mode, Env: l.p.env})
	return l.kept, nil
}

// adopt adds to the configuration the servers that somebody has signed in to.
func (l *lenders) adopt(c *config.Config) error {
	if l.profile == config.LocalProfile {
		return nil // whoever asks for it needs no other
	}
	kept, err := l.credentials()
	if err != nil {
		return err
	}
	known, byDefault, err := kept.Profiles()
	if err != nil {
		return err
	}
	addresses := make(map[string]string, len(known))
	for name, p := range known {
		addresses[name] = p.URL
	}
	c.Adopt(addresses, byDefault)
	return nil
}

// session is the sign-in at the server that is meant. It may be nobody's.
func (l *lenders) session(t config.Target) (*client.Session, error) {
	if l.signed != nil {
		return l.signed, nil
	}
	kept, err := l.credentials()
	if err != nil {
		return nil, err
	}
	origin, err := config.Origin(t.URL)
	if err != nil {
		return nil, configFailure(err)
	}
	name, err := profileOf(kept, t, origin)
	if err != nil {
		return nil, err
	}
	l.signed = client.NewSession(client.SessionOptions{BaseURL: t.URL, Keeper: kept.Keeper(name, origin)})
	return l.signed, nil
}

// profileOf is the profile whose sign-in counts: the target's, or where an
// address is meant the one of its origin.
func profileOf(kept *credential.Store, t config.Target, origin string) (string, error) {
	if t.Profile != origin {
		return t.Profile, nil
	}
	known, byDefault, err := kept.Profiles()
	if err != nil {
		return "", err
	}
	if known[byDefault].Origin == origin {
		return byDefault, nil
	}
	for name, p := range known {
		if p.Origin == origin && p.Kept != credential.Nowhere {
			return name, nil
		}
	}
	return nameOf(origin), nil
}

// failureOfSignIn translates what signing in and its storage say; nil: it is
// something else.
func failureOfSignIn(err error) *failure {
	var (
		out     *client.SignInError
		oauth   *client.OAuthError
		corrupt *credential.CorruptError
		unsafe  *credential.UnsafeError
		ring    *credential.KeyringError
	)
	switch {
	case errors.As(err, &out):
		return &failure{status: exitSignIn, code: "unauthenticated", message: sentence(out.Error()), cause: out.Err,
			hint: "Sign in: aichat login " + out.URL}
	case errors.As(err, &oauth):
		return oauthFailure(oauth, err)
	case errors.As(err, &corrupt):
		return &failure{status: exitFailed, code: codeFailed, message: sentence(corrupt.Error()),
			hint: "Sign in again, which moves it aside: aichat login"}
	case errors.As(err, &unsafe):
		return &failure{status: exitFailed, code: codeFailed, message: sentence(unsafe.Error()),
			hint: "If nobody else can have used it: chmod 600 " + unsafe.Path}
	case errors.As(err, &ring):
		return &failure{status: exitFailed, code: codeFailed, message: sentence(ring.Error()),
			hint: "Unlock it and try again, or keep the sign-in in a file: AICHAT_CREDENTIALS=file aichat login"}
	}
	return nil
}

// oauthFailure is why nobody was signed in.
func oauthFailure(e *client.OAuthError, err error) *failure {
	f := &failure{status: exitSignIn, code: "unauthenticated", cause: err, hint: "To try again: aichat login"}
	switch e.Code() {
	case "access_denied":
		f.message = "The sign-in was turned down on the page."
	case "expired_token":
		f.message = "The code has expired: nobody allowed it in time."
		if lost, yes := errors.AsType[*client.UnreachableError](err); yes {
			f.message, f.status, f.code = "The code has expired, and the server could not be reached before: "+lost.Why()+".", exitUnreachable, codeUnreachable
		}
	case "invalid_grant":
		f.message = "The code does not hold any more: it was used, or withdrawn."
	default:
		f.status, f.code, f.message = exitFailed, codeFailed, sentence(e.Error())
		if e.Status == http.StatusTooManyRequests {
			f.status, f.code, f.hint = exitRateLimited, "rate_limited", "Try again later."
			f.retryAfter = int64(e.RetryAfter.Seconds())
		}
	}
	return f
}
