package web_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
)

// memory is the stores' contract in memory.
type memory struct {
	identity.Users
	signin.PeopleStore

	mu        sync.Mutex
	browsers  map[string]signin.Browser
	logins    map[string]signin.Login
	codes     map[string]*code
	links     map[string]signin.OneTimeLink
	invited   map[string]signin.Invitation
	users     []identity.User
	externals []identity.External
	events    []identity.Event
	letters   []mail.Letter
	devices   map[string]signin.Device
	calls     []string // what was asked, in order
	away      bool     // nothing can be asked
}

// asked locks the memory and notes what is asked of it.
func (m *memory) asked(what string) {
	m.mu.Lock()
	m.calls = append(m.calls, what)
}

type code struct {
	signin.EmailCode
	tries int
}

func newMemory() *memory {
	return &memory{
		browsers: map[string]signin.Browser{}, logins: map[string]signin.Login{}, codes: map[string]*code{},
		links: map[string]signin.OneTimeLink{}, invited: map[string]signin.Invitation{}, devices: map[string]signin.Device{},
	}
}

var none = fault.New(fault.NotFound, "")

func (m *memory) AddBrowser(_ context.Context, b signin.Browser) error {
	m.asked("AddBrowser")
	defer m.mu.Unlock()
	if _, there := m.browsers[string(b.Hash)]; there {
		return fault.New(fault.IDConflict, "")
	}
	m.browsers[string(b.Hash)] = b
	return nil
}

func (m *memory) Browser(_ context.Context, hash []byte, now time.Time) (signin.Browser, error) {
	m.asked("Browser")
	defer m.mu.Unlock()
	if m.away {
		return signin.Browser{}, fault.New(fault.Unavailable, "")
	}
	b, there := m.browsers[string(hash)]
	if !there || !now.Before(b.ExpiresAt) {
		return signin.Browser{}, none
	}
	return b, nil
}

func (m *memory) ReplaceBrowser(ctx context.Context, old []byte, b signin.Browser) error {
	if err := m.RemoveBrowser(ctx, old); err != nil {
		return err
	}
	return m.AddBrowser(ctx, b)
}

func (m *memory) RemoveBrowser(_ context.Context, hash []byte) error {
	m.asked("RemoveBrowser")
	defer m.mu.Unlock()
	delete(m.browsers, string(hash))
	for k, l := range m.logins {
		if bytes.Equal(l.BrowserHash, hash) {
			delete(m.logins, k)
		}
	}
	for k, c := range m.codes {
		if bytes.Equal(c.BrowserHash, hash) {
			delete(m.codes, k)
		}
	}
	return nil
}

func (m *memory) RemoveBrowsers(context.Context, identity.UserID) error { panic("not asked for") }

func (m *memory) AddLogin(_ context.Context, l signin.Login) error {
	m.asked("AddLogin")
	defer m.mu.Unlock()
	if _, there := m.browsers[string(l.BrowserHash)]; !there {
		return fault.New(fault.Internal, "a login of no browser")
	}
	m.logins[string(l.StateHash)] = l
	return nil
}

func (m *memory) ClaimLogin(_ context.Context, state, browser []byte, now time.Time) (signin.Login, error) {
	m.asked("ClaimLogin")
	defer m.mu.Unlock()
	l, there := m.logins[string(state)]
	if !there || !bytes.Equal(l.BrowserHash, browser) || !now.Before(l.ExpiresAt) {
		return signin.Login{}, none
	}
	delete(m.logins, string(state))
	return l, nil
}

func (m *memory) AddEmailCode(_ context.Context, c signin.EmailCode, l mail.Letter) error {
	m.asked("AddEmailCode")
	defer m.mu.Unlock()
	if _, there := m.browsers[string(c.BrowserHash)]; !there {
		return fault.New(fault.Internal, "a code of no browser")
	}
	m.codes[c.Mailbox] = &code{EmailCode: c}
	m.letters = append(m.letters, l)
	return nil
}

func (m *memory) TryEmailCode(_ context.Context, mailbox string, browser, hash []byte, now time.Time) (signin.Try, signin.EmailCode, error) {
	m.asked("TryEmailCode")
	defer m.mu.Unlock()
	c := m.codes[mailbox]
	if c == nil || !bytes.Equal(c.BrowserHash, browser) || !now.Before(c.ExpiresAt) || c.tries >= 5 {
		return signin.NoCode, signin.EmailCode{}, nil
	}
	c.tries++
	if !bytes.Equal(c.CodeHash, hash) {
		return signin.WrongCode, signin.EmailCode{}, nil
	}
	delete(m.codes, mailbox)
	return signin.RightCode, c.EmailCode, nil
}

func (m *memory) AddLink(_ context.Context, l signin.OneTimeLink) error {
	m.asked("AddLink")
	defer m.mu.Unlock()
	m.links = map[string]signin.OneTimeLink{string(l.Hash): l}
	return nil
}

func (m *memory) ClaimLink(_ context.Context, hash []byte, now time.Time) error {
	m.asked("ClaimLink")
	defer m.mu.Unlock()
	l, there := m.links[string(hash)]
	if !there || !now.Before(l.ExpiresAt) {
		return none
	}
	delete(m.links, string(hash))
	return nil
}

func (m *memory) SignUp(_ context.Context, s signin.SignUp) error {
	m.asked("SignUp")
	defer m.mu.Unlock()
	if s.Invited != "" {
		if _, there := m.invited[s.Invited]; !there {
			return fault.New(fault.Forbidden, "")
		}
		delete(m.invited, s.Invited)
	}
	m.users = append(m.users, s.User)
	if s.External.Issuer != "" {
		s.External.User = s.User.ID
		m.externals = append(m.externals, s.External)
	}
	if s.Welcome != nil {
		m.letters = append(m.letters, *s.Welcome)
	}
	return nil
}

func (m *memory) Invite(_ context.Context, i signin.Invitation, _ *mail.Letter) error {
	m.asked("Invite")
	defer m.mu.Unlock()
	m.invited[i.Mailbox] = i
	return nil
}

func (m *memory) Invitation(_ context.Context, mailbox string, _ time.Time) (signin.Invitation, error) {
	m.asked("Invitation")
	defer m.mu.Unlock()
	if i, there := m.invited[mailbox]; there {
		return i, nil
	}
	return signin.Invitation{}, none
}

func (m *memory) User(_ context.Context, id identity.UserID) (identity.User, error) {
	m.asked("User")
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.ID == id {
			return u, nil
		}
	}
	return identity.User{}, none
}

func (m *memory) UserNamed(_ context.Context, name string) (identity.User, error) {
	m.asked("UserNamed")
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.Name == name || u.Email == name {
			return u, nil
		}
	}
	return identity.User{}, none
}

func (m *memory) allUsers() []identity.User {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.users)
}

type memoryUsers struct{ *memory }

func (m memoryUsers) Users(context.Context) ([]identity.User, error) { return m.allUsers(), nil }

func (m *memory) ExternalUser(ctx context.Context, e identity.External, _ time.Time) (identity.User, error) {
	for _, one := range m.linked("") {
		if one.Issuer == e.Issuer && one.Subject == e.Subject {
			return m.User(ctx, one.User)
		}
	}
	return identity.User{}, none
}

// linked are a user's identities, or all.
func (m *memory) linked(user identity.UserID) []identity.External {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []identity.External
	for _, e := range m.externals {
		if user == "" || e.User == user {
			all = append(all, e)
		}
	}
	return all
}

func (m *memory) Link(_ context.Context, e identity.External) error {
	for _, one := range m.linked("") {
		if one.Issuer == e.Issuer && one.Subject == e.Subject {
			if one.User != e.User {
				return fault.New(fault.IDConflict, "")
			}
			return nil
		}
	}
	m.asked("Link")
	defer m.mu.Unlock()
	m.externals = append(m.externals, e)
	return nil
}

func (m *memory) Unlink(_ context.Context, user identity.UserID, issuer, subject string) error {
	if len(m.linked(user)) == 1 {
		return fault.New(fault.Invalid, "The last one stays.")
	}
	m.asked("Unlink")
	defer m.mu.Unlock()
	m.externals = slices.DeleteFunc(m.externals, func(e identity.External) bool {
		return e.User == user && e.Issuer == issuer && e.Subject == subject
	})
	return nil
}

func (m *memory) ExternalsOf(_ context.Context, user identity.UserID) ([]identity.External, error) {
	return m.linked(user), nil
}

func (m *memory) Record(_ context.Context, e identity.Event) error {
	m.asked("Record")
	defer m.mu.Unlock()
	m.events = append(m.events, e)
	return nil
}

func (m *memory) Events(context.Context, identity.EventFilter) ([]identity.Event, error) {
	m.asked("Events")
	defer m.mu.Unlock()
	return slices.Clone(m.events), nil
}

func (m *memory) Pending(_ context.Context, c signin.UserCode) (signin.Device, error) {
	m.asked("Pending")
	defer m.mu.Unlock()
	d, there := m.devices[string(c)]
	if !there || d.State != signin.Pending {
		return signin.Device{}, fault.New(fault.NotFound, "No sign-in waits under that code.")
	}
	return d, nil
}

func (m *memory) Decide(ctx context.Context, c signin.UserCode, user identity.UserID, approve bool, _ identity.Seen) (signin.Device, error) {
	d, err := m.Pending(ctx, c)
	if err != nil {
		return d, err
	}
	m.asked("Decide")
	defer m.mu.Unlock()
	d.State, d.User = signin.Denied, user
	if approve {
		d.State = signin.Approved
	}
	m.devices[string(c)] = d
	return d, nil
}

func (m *memory) Queue(_ context.Context, l mail.Letter) error {
	m.asked("Queue")
	defer m.mu.Unlock()
	m.letters = append(m.letters, l)
	return nil
}
