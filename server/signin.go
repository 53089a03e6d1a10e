package server

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/web"
)

// newGrants makes what lets programs in, and knows who shows a token.
func (s *Server) newGrants() *signin.Grants {
	g := s.options.Grants
	ids := s.db.Identities()
	g.Store, g.Sessions, g.Tokens, g.Audit = s.db.SignIn(), ids, ids, ids
	g.Clients = []string{wire.ClientID}
	g.Ended = func(ids ...string) { s.api.End(ids...) }
	g.AccessLifetime, g.IdleLifetime, g.SessionLifetime = s.config.AccessLifetime, s.config.SessionIdle, s.config.SessionLifetime
	g.Logger = s.log
	return signin.NewGrants(g)
}

// newPages makes what lets people in. With no address that they could come to
// there are none: nil.
func newPages(c *Config, db *store.DB, o Options) (*signin.Pages, error) {
	address := c.PublicURL()
	if address == "" {
		return nil, nil
	}
	providers, err := c.signInProviders(o.SignInTransport, o.logger())
	if err != nil {
		return nil, err
	}
	policy, err := c.signUpPolicy()
	if err != nil {
		return nil, err
	}
	ids := db.Identities()
	return signin.NewPages(signin.PageOptions{
		Store: db.SignIn(), People: db.SignIn(), Users: ids, Externals: ids, Audit: ids, Letters: letters(c, db, o),
		Providers: providers, Email: o.sends(c), Policy: policy, URL: address, Logger: o.logger(),
	}), nil
}

// sends reports whether letters reach people.
func (o Options) sends(c *Config) bool { return o.Sender != nil || c.Mail.Sends() }

// letters is where letters are queued; nil: none can be sent.
func letters(c *Config, db *store.DB, o Options) signin.Outbox {
	if !o.sends(c) {
		return nil
	}
	return db.Jobs()
}

// limitLetter makes the letters about limits; nil: none can be sent.
func limitLetter(c *Config, o Options) func(identity.User, quota.Warning) mail.Letter {
	if !o.sends(c) {
		return nil
	}
	address := c.PublicURL()
	return func(owner identity.User, w quota.Warning) mail.Letter {
		return mail.Limit{To: owner.Email, Locale: owner.Locale, Server: address, Name: owner.Name,
			Percent: w.Percent, Used: w.What(), Resets: w.Resets}.Letter()
	}
}

// addSignInDoors adds the doors by which people and programs sign in, where the
// server has an address to be reached at.
func (s *Server) addSignInDoors() {
	pages := s.pages
	if pages == nil {
		if s.config.Listen != "" { // a local server has no such doors
			s.house.oauth, s.house.web = http.HandlerFunc(closedOAuth), http.HandlerFunc(closedPages)
		}
		return
	}
	s.house.oauth = logRequests(s.log, oauth.New(oauth.Options{Grants: s.grants, URL: pages.URL, Limits: s.rates.visitors(), Logger: s.log}))
	s.house.web = logRequests(s.log, web.New(web.Options{Pages: pages, Grants: s.grants, URL: pages.URL, Limits: s.rates.visitors(), Logger: s.log}))
}

// PublicURL is the address that people and programs know the server by, without
// a slash at the end. It is empty, and nobody can sign in, where none is set and
// the listener can be reached from other machines: credentials do not travel in
// the clear unless the operator has said so, by an http:// address of their own.
func (c *Config) PublicURL() string {
	if u, err := url.Parse(c.URL); err == nil && u.Host != "" {
		return u.Scheme + "://" + strings.ToLower(u.Host) // the scheme is lower case already; what follows was refused
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || !loopback(host) {
		return ""
	}
	return "http://" + c.Listen
}

// Loopback reports whether an address leads to this machine.
func Loopback(address string) bool {
	u, err := url.Parse(address)
	return err == nil && loopback(u.Hostname())
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// entrance implements httpapi.Entrance.
type entrance struct {
	people signin.PeopleStore
	pages  *signin.Pages // nil: nobody can sign in here
	by     string        // who asks for links: "operator" or "server"
}

var _ httpapi.Entrance = entrance{}

// Invite implements httpapi.Entrance.
func (e entrance) Invite(ctx context.Context, i signin.Invitation) (mailed bool, err error) {
	if e.pages == nil || !e.pages.Email {
		return false, e.people.Invite(ctx, i, nil)
	}
	letter := mail.Invitation{To: i.Mailbox, Server: e.pages.URL, Link: e.SignInURL(), Expires: i.ExpiresAt}.Letter()
	return true, e.people.Invite(ctx, i, &letter)
}

// Invitations implements httpapi.Entrance.
func (e entrance) Invitations(ctx context.Context) ([]signin.Invitation, error) {
	return e.people.Invitations(ctx)
}

// Uninvite implements httpapi.Entrance.
func (e entrance) Uninvite(ctx context.Context, mailbox string) error {
	return e.people.Uninvite(ctx, mailbox)
}

// SignInURL implements httpapi.Entrance.
func (e entrance) SignInURL() string {
	if e.pages == nil || len(e.pages.Providers) == 0 && !e.pages.Email {
		return ""
	}
	return e.pages.URL + "/signin"
}

// OwnerLink implements httpapi.Entrance.
func (e entrance) OwnerLink(ctx context.Context) (url string, expires time.Time, err error) {
	if e.pages == nil {
		return "", time.Time{}, errNoAddress
	}
	text, link, err := e.pages.OwnerLink(ctx, e.by, "")
	if err != nil {
		return "", time.Time{}, err
	}
	return web.OwnerURL(e.pages.URL, text), link.ExpiresAt, nil
}

// OwnerLink makes the link that signs its bearer in once, as the server's owner.
// Whoever shows it takes care that nobody else reads it.
func (s *Server) OwnerLink(ctx context.Context) (url string, expires time.Time, err error) {
	return entrance{people: s.db.SignIn(), pages: s.pages, by: "server"}.OwnerLink(ctx)
}

// closedOAuth answers programs that want to sign in where nobody can (RFC 6749,
// section 5.2).
func closedOAuth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = json.NewEncoder(w).Encode(wire.OAuthProblem{Error: wire.OAuthUnavailable, Description: errNoAddress.Public()}) // the program has gone
}

// closedPages answers people.
func closedPages(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, errNoAddress.Public(), http.StatusServiceUnavailable)
}

// errNoAddress says what is missing before anybody can sign in.
var errNoAddress = fault.New(fault.Unavailable,
	"Nobody can sign in at this server, because it has no address that a link could lead to. Whoever runs it sets AICHAT_SERVER_URL to its public https:// address and starts it again.")
