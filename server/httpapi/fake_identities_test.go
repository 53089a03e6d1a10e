package httpapi_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// identities is a fake of who there is: credentials by their text. What it does
// not override is not called.
type identities struct {
	usersStore
	externalsStore
	tokensStore
	sessionsStore

	mu          sync.Mutex
	credentials map[string]identity.Principal
	seen        identity.Seen // by the last Authenticate
	user        identity.User // whom the credentials are of
	users       []identity.User
	filter      identity.EventFilter // of the last Events
	externals   []identity.External
	tokens      []identity.Token
	sessions    []identity.Session
	browsers    int // users whose browsers were signed out
	events      []identity.Event
	cannot      error // what Record fails with
}

func newIdentities() *identities {
	return &identities{
		credentials: map[string]identity.Principal{},
		user:        identity.User{ID: aUser, Name: "Ada L.", Account: anAcct, Email: "ada@example.com", CreatedAt: noon},
		externals:   []identity.External{{Issuer: "https://id.example.com", Subject: "7", User: aUser, Email: "ada@example.com", CreatedAt: noon, UsedAt: noon}},
		sessions: []identity.Session{
			{ID: aSession, User: aUser, Client: "aichat-cli", Scopes: identity.AllScopes, Device: "laptop", Version: "aichat 1.2.3", Address: "192.0.2.7",
				CreatedAt: noon, SeenAt: noon, IdleUntil: noon.AddDate(0, 0, 30), ExpiresAt: noon.AddDate(0, 0, 180)},
			{ID: bSession, User: aUser, Client: "aichat-cli", Scopes: identity.AllScopes, Device: "server",
				CreatedAt: noon, SeenAt: noon, IdleUntil: noon.AddDate(0, 0, 30), ExpiresAt: noon.AddDate(0, 0, 20)},
		},
	}
}

func (s *identities) Authenticate(_ context.Context, bearer string, seen identity.Seen) (identity.Principal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
	p, ok := s.credentials[bearer]
	if !ok {
		return identity.Principal{}, &fault.Error{Kind: fault.Unauthenticated}
	}
	return p, nil
}

func (s *identities) LocalOwner(context.Context) (identity.User, error) {
	return identity.User{ID: aUser, Account: anAcct, Name: "me", Local: true}, nil
}

func (s *identities) User(_ context.Context, id identity.UserID) (identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range append(s.users, s.user) {
		if u.ID == id {
			return u, nil
		}
	}
	return identity.User{}, &fault.Error{Kind: fault.NotFound}
}

func (s *identities) ChangeProfile(_ context.Context, _ identity.UserID, c identity.ProfileChange) (identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&s.user.Name, c.Name)
	set(&s.user.AvatarURL, c.AvatarURL)
	set(&s.user.Locale, c.Locale)
	set(&s.user.TimeZone, c.TimeZone)
	set(&s.user.DefaultModel, c.DefaultModel)
	return s.user, nil
}

func (s *identities) DeleteUser(_ context.Context, id identity.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.user.ID == id {
		s.user = identity.User{}
	}
	s.users = slices.DeleteFunc(s.users, func(u identity.User) bool { return u.ID == id })
	return nil
}

func (s *identities) ExternalsOf(context.Context, identity.UserID) ([]identity.External, error) {
	return s.externals, nil
}

func (s *identities) Unlink(_ context.Context, _ identity.UserID, issuer, subject string) error {
	if issuer != s.externals[0].Issuer || subject != s.externals[0].Subject {
		return &fault.Error{Kind: fault.NotFound}
	}
	return nil
}

func (s *identities) AddToken(_ context.Context, t identity.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.tokens, func(o identity.Token) bool { return o.ID == t.ID }) {
		return &fault.Error{Kind: fault.IDConflict}
	}
	s.tokens = append(s.tokens, t)
	return nil
}

func (s *identities) Tokens(context.Context, identity.UserID) ([]identity.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens), nil
}

func (s *identities) Sessions(context.Context, identity.UserID, time.Time) ([]identity.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sessions), nil
}

func (s *identities) RevokeToken(_ context.Context, _ identity.UserID, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.tokens {
		if s.tokens[i].ID == id {
			s.tokens[i].RevokedAt = at
			return nil
		}
	}
	return &fault.Error{Kind: fault.NotFound}
}

func (s *identities) RevokeSession(_ context.Context, _ identity.UserID, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.sessions {
		if s.sessions[i].ID == id {
			s.sessions[i].RevokedAt = at
			return nil
		}
	}
	return &fault.Error{Kind: fault.NotFound}
}

func (s *identities) RevokeSessions(_ context.Context, _ identity.UserID, but string, at time.Time) (ended []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.sessions {
		if s.sessions[i].ID != but && s.sessions[i].RevokedAt.IsZero() {
			s.sessions[i].RevokedAt = at
			ended = append(ended, s.sessions[i].ID)
		}
	}
	return ended, nil
}

func (s *identities) RemoveBrowsers(context.Context, identity.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers++
	return nil
}

func (s *identities) Record(_ context.Context, e identity.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cannot == nil {
		s.events = append(s.events, e)
	}
	return s.cannot
}

// recorded takes the events that were recorded since it was called last.
func (s *identities) recorded() []identity.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.events
	s.events = nil
	return all
}

func (s *identities) Events(_ context.Context, f identity.EventFilter) ([]identity.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = f
	return slices.Clone(s.events), nil
}

func (s *identities) Users(context.Context) ([]identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]identity.User{s.user}, s.users...), nil
}

func (s *identities) UserNamed(_ context.Context, name string) (identity.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range append(s.users, s.user) {
		if u.Name == name {
			return u, nil
		}
	}
	return identity.User{}, &fault.Error{Kind: fault.NotFound}
}

func (s *identities) CreateUser(_ context.Context, u identity.User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = append(s.users, u)
	return nil
}

func (s *identities) SetServerAdmin(_ context.Context, _ identity.UserID, admin bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !admin {
		return &fault.Error{Kind: fault.Invalid, Message: "This is the only server admin."}
	}
	s.user.ServerAdmin = admin
	return nil
}

// entrance is a fake of who lets people in, which never writes letters.
type entrance struct {
	mu      sync.Mutex
	invited []signin.Invitation
}

func (e *entrance) Invite(_ context.Context, i signin.Invitation) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.invited = append(e.invited, i)
	return true, nil
}

func (e *entrance) Invitations(context.Context) ([]signin.Invitation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.invited), nil
}

func (e *entrance) Uninvite(_ context.Context, mailbox string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := len(e.invited)
	e.invited = slices.DeleteFunc(e.invited, func(i signin.Invitation) bool { return i.Mailbox == mailbox })
	if len(e.invited) == before {
		return &fault.Error{Kind: fault.NotFound}
	}
	return nil
}

func (e *entrance) SignInURL() string { return "https://chat.example.com/signin" }

func (e *entrance) OwnerLink(context.Context) (string, time.Time, error) {
	return "https://chat.example.com/owner?link=x", noon, nil
}

// The contracts under names that are not those of their methods.
type (
	usersStore     identity.Users
	externalsStore identity.Externals
	tokensStore    identity.Tokens
	sessionsStore  identity.Sessions
)
