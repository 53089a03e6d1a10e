package github

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity/remote"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

// Home is GitHub's own address, and the issuer of identities there.
const Home = "https://github.com"

// Options say which GitHub it is. Name, ClientID and ClientSecret must be set.
type Options struct {
	Name  string // as in the callback's path
	Title string // empty: "GitHub"

	// Home is the address of a GitHub Enterprise Server; empty: github.com. It is
	// https, or http on this machine.
	Home string

	ClientID     string
	ClientSecret vault.Secret

	Transport http.RoundTripper // nil: http.DefaultTransport
}

// Provider is GitHub, or a GitHub Enterprise Server.
type Provider struct {
	o      Options
	api    string // where its REST API is, without a slash at the end
	client *http.Client
}

var _ signin.Provider = (*Provider)(nil)

// New makes a Provider without asking it. Options that cannot work are Invalid.
func New(o Options) (*Provider, error) {
	if o.Name == "" || o.ClientID == "" || o.ClientSecret.Empty() {
		return nil, fault.New(fault.Invalid, "Signing in with GitHub needs a name, a client_id and a client_secret.")
	}
	o.Title = cmp.Or(o.Title, "GitHub")
	o.Home = strings.TrimSuffix(cmp.Or(o.Home, Home), "/")
	if !remote.Guarded(o.Home) {
		return nil, fault.New(fault.Invalid, "The address of %s must be an https URL (or http on this machine).", o.Name)
	}
	api := o.Home + "/api/v3"
	if o.Home == Home {
		api = "https://api.github.com"
	}
	return &Provider{o: o, api: api, client: remote.Client(o.Transport)}, nil
}

// Name is the operator's name for it.
func (p *Provider) Name() string { return p.o.Name }

// Title is what people call it.
func (p *Provider) Title() string { return p.o.Title }

// Begin returns the URL to send the browser to. There is no ID token to carry a
// nonce: PKCE binds the code to the login.
func (p *Provider) Begin(_ context.Context, redirect string, l signin.Login, state string) (string, error) {
	return p.config(redirect).AuthCodeURL(state, oauth2.S256ChallengeOption(l.Verifier)), nil
}

// Finish exchanges the code and asks who it is.
func (p *Provider) Finish(ctx context.Context, redirect string, l signin.Login, code string) (signin.Person, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.client)
	token, err := p.config(redirect).Exchange(ctx, code, oauth2.VerifierOption(l.Verifier))
	if err != nil {
		return signin.Person{}, remote.Exchange(p.o.Title, err)
	}
	var who user
	if err := p.get(ctx, token, "/user", &who); err != nil {
		return signin.Person{}, err
	}
	var addresses []address
	if err := p.get(ctx, token, "/user/emails?per_page=100", &addresses); err != nil {
		return signin.Person{}, err
	}
	return p.person(who, addresses)
}

func (p *Provider) config(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret.Reveal(),
		Endpoint: oauth2.Endpoint{
			AuthURL:   p.o.Home + "/login/oauth/authorize",
			TokenURL:  p.o.Home + "/login/oauth/access_token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
		RedirectURL: redirect,
		Scopes:      []string{"user:email"}, // the profile that we read is public
	}
}
