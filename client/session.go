package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// TokenSource signs a Client's requests. It is safe for concurrent use.
type TokenSource interface {
	// Token is the token to send now; empty where there is none: then the server
	// says whether it wants one. A *SignInError says that there was one, and that
	// it has ended.
	Token(ctx context.Context) (string, error)

	// Renew is told that the server did not accept a token, and returns another
	// to try, once. A *SignInError says that there is none.
	Renew(ctx context.Context, refused string) (string, error)
}

// Keeper keeps a session's tokens where other processes find them too.
// client/credential has one. It is safe for concurrent use.
type Keeper interface {
	// Load returns what is kept; empty Tokens where nothing is.
	Load(ctx context.Context) (Tokens, error)

	// Save keeps tokens in the place of those before.
	Save(ctx context.Context, t Tokens) error

	// Forget forgets the tokens, if they are still those.
	Forget(ctx context.Context, t Tokens) error

	// Lock waits until no other process exchanges tokens, and keeps them from it
	// until unlock is called.
	Lock(ctx context.Context) (unlock func(), err error)
}

// SignInError says that nobody is signed in, or not any more.
type SignInError struct {
	URL string // the server's address
	Err error  // why; nil: nobody was
}

func (e *SignInError) Error() string {
	if e.Err == nil {
		return "you are not signed in to " + e.URL
	}
	return fmt.Sprintf("you are not signed in to %s any more: %v", e.URL, e.Err)
}

func (e *SignInError) Unwrap() error { return e.Err }

// SessionOptions says whose session it is.
type SessionOptions struct {
	BaseURL   string
	Transport http.RoundTripper // as in Options
	Keeper    Keeper
	Version   string           // of this client; empty: version.String()
	Logger    *slog.Logger     // nil: silent
	Now       func() time.Time // nil: time.Now
}

// Session is a TokenSource of tokens that are kept: it exchanges them a minute
// before they end, or when the server does not accept one, and lets processes
// that do so at the same time take turns, of which only the first asks the
// server.
type Session struct {
	o   SessionOptions
	now func() time.Time
	log *slog.Logger

	mu      sync.Mutex
	tokens  Tokens   // empty: not read yet, or nobody was signed in
	renewal *renewal // under way; nil: none
}

// renewal is an exchange that is under way. It is not given up when those who
// wait for it are: the server may have changed the tokens already.
type renewal struct {
	done   chan struct{} // closed when the rest is set
	tokens Tokens
	err    error
}

// renewWithin is how long an exchange may take: longer than another process's
// request and then one's own.
const renewWithin = 2*oauthPatience + 5*time.Second

// NewSession is the session that the Keeper keeps. Nothing is read yet.
func NewSession(o SessionOptions) *Session {
	s := &Session{o: o, now: o.Now, log: o.Logger}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Token implements TokenSource.
func (s *Session) Token(ctx context.Context) (string, error) {
	t, err := s.current(ctx)
	if err != nil {
		return "", err
	}
	if t.Empty() || !t.due(s.now()) {
		return t.Access, nil
	}
	next, err := s.renew(ctx, t)
	if err == nil {
		return next.Access, nil
	}
	if _, out := errors.AsType[*SignInError](err); out || ctx.Err() != nil || t.over(s.now()) {
		return "", err
	}
	s.log.Warn("the session could not be renewed yet", "error", err)
	return t.Access, nil // it is good for a moment more
}

// Renew implements TokenSource.
func (s *Session) Renew(ctx context.Context, refused string) (string, error) {
	t, err := s.current(ctx)
	if err != nil {
		return "", err
	}
	if t.Empty() {
		return "", &SignInError{URL: s.o.BaseURL}
	}
	if t.Access != refused {
		return t.Access, nil
	}
	if t.Refresh == "" {
		return "", &SignInError{URL: s.o.BaseURL, Err: errors.New("the server does not accept the token")}
	}
	next, err := s.renew(ctx, t)
	return next.Access, err
}

// current are the tokens as far as this process knows them, and empty where
// there are none.
func (s *Session) current(ctx context.Context) (Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.tokens.Empty() {
		return s.tokens, nil
	}
	t, err := s.o.Keeper.Load(ctx)
	if err == nil {
		s.tokens = t
	}
	return t, err
}

// renew exchanges tokens, or waits for the exchange that is under way.
func (s *Session) renew(ctx context.Context, stale Tokens) (Tokens, error) {
	s.mu.Lock()
	switch {
	case s.tokens.Access != stale.Access && !s.tokens.Empty():
		defer s.mu.Unlock()
		return s.tokens, nil // another was faster
	case s.renewal == nil:
		s.renewal = &renewal{done: make(chan struct{})}
		go s.run(context.WithoutCancel(ctx), s.renewal, stale)
	}
	r := s.renewal
	s.mu.Unlock()
	select {
	case <-r.done:
		return r.tokens, r.err
	case <-ctx.Done():
		return Tokens{}, context.Cause(ctx)
	}
}

func (s *Session) run(ctx context.Context, r *renewal, stale Tokens) {
	ctx, cancel := context.WithTimeoutCause(ctx, renewWithin, &limitError{fmt.Sprintf("no new tokens within %v", renewWithin)})
	defer cancel()
	r.tokens, r.err = s.exchange(ctx, stale)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.err == nil {
		s.tokens = r.tokens
	} else if _, out := errors.AsType[*SignInError](r.err); out {
		s.tokens = Tokens{} // who signs in again is heard of
	}
	s.renewal = nil
	close(r.done)
}

// exchange adopts what another process has kept meanwhile, or asks the server.
func (s *Session) exchange(ctx context.Context, stale Tokens) (Tokens, error) {
	unlock, err := s.o.Keeper.Lock(ctx)
	if err != nil {
		return Tokens{}, err
	}
	defer unlock()
	kept, err := s.o.Keeper.Load(ctx)
	switch {
	case err != nil:
		return Tokens{}, err
	case kept.Empty():
		return Tokens{}, &SignInError{URL: s.o.BaseURL}
	case kept.Access != stale.Access && !kept.due(s.now()):
		return kept, nil
	case kept.Refresh == "":
		return kept, nil
	}
	return s.ask(ctx, kept)
}

// ask exchanges tokens at the server and keeps what follows them.
func (s *Session) ask(ctx context.Context, kept Tokens) (Tokens, error) {
	a, err := NewAuthority(AuthorityOptions{BaseURL: s.o.BaseURL, Transport: s.o.Transport, Version: s.o.Version}, kept.Endpoints)
	if err != nil {
		return Tokens{}, err
	}
	defer a.Close()
	next, err := a.Refresh(ctx, kept)
	if OAuthCode(err) == wire.OAuthInvalidGrant {
		if forgetting := s.o.Keeper.Forget(ctx, kept); forgetting != nil {
			s.log.Warn("the ended session could not be forgotten", "error", forgetting)
		}
		return Tokens{}, &SignInError{URL: s.o.BaseURL, Err: errEnded}
	}
	if err != nil {
		return Tokens{}, err
	}
	next.Received = s.now()
	if err := s.o.Keeper.Save(ctx, next); err != nil {
		// They work for this process; the next will have to sign in.
		s.log.Error("the session's new tokens could not be kept", "error", err)
	}
	return next, nil
}

// errEnded is a session whose refresh token the server does not accept.
var errEnded = errors.New("the session has ended")

// Settle waits until an exchange that is under way has been kept: who ends the
// process sooner may lose the session.
func (s *Session) Settle(ctx context.Context) {
	s.mu.Lock()
	r := s.renewal
	s.mu.Unlock()
	if r == nil {
		return
	}
	select {
	case <-r.done:
	case <-ctx.Done():
	}
}

// SignedIn makes the session known that somebody has just begun, in the place of
// what it was.
func (s *Session) SignedIn(t Tokens) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = t
}
