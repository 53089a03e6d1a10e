package server

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity/github"
	"github.com/aichat-term/aichat/server/identity/oidc"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

// SignInConfig is one identity provider: the table [signin.NAME]. Its callback,
// which the provider wants to know, is URL/signin/NAME/callback.
type SignInConfig struct {
	Kind         string         `setting:"kind" help:"What it speaks: google, github, or oidc for any other OpenID Connect provider; by the name if empty."`
	Title        string         `setting:"title" help:"What people call it, on the page where they choose; by kind and name if empty."`
	Issuer       string         `setting:"issuer" help:"Of kind oidc: the issuer, exactly as the provider says it. Of kind github: the address of a GitHub Enterprise Server, if it is one."`
	ClientID     string         `setting:"client_id" help:"What the provider calls this server."`
	ClientSecret setting.Secret `setting:"client_secret" help:"The secret that came with the client_id; the file that client_secret_file names may hold it."`
}

// The kinds.
const (
	kindOIDC   = "oidc"
	kindGoogle = "google"
	kindGitHub = "github"
)

// signInName is what a provider may be called: a piece of a path. "email" is the
// code by e-mail's own.
var signInName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

const emailName = "email"

// signInProviders are the operator's identity providers, in the order of their
// names. None is asked anything yet.
func (c *Config) signInProviders(transport http.RoundTripper, log *slog.Logger) ([]signin.Provider, error) {
	var all []signin.Provider
	for _, name := range slices.Sorted(maps.Keys(c.SignIn)) {
		if !signInName.MatchString(name) || name == emailName {
			return nil, fmt.Errorf("signin.%s: a name is made of small letters, digits and dashes, and is not %s", name, emailName)
		}
		p, err := c.SignIn[name].provider(name, transport, log)
		if err != nil {
			return nil, fmt.Errorf("signin.%s: %s", name, fault.Of(err).Public())
		}
		all = append(all, p)
	}
	return all, nil
}

func (p SignInConfig) provider(name string, transport http.RoundTripper, log *slog.Logger) (signin.Provider, error) {
	secret := vault.NewSecret(p.ClientSecret.Reveal())
	switch cmp.Or(p.Kind, name) {
	case kindGitHub:
		return github.New(github.Options{Name: name, Title: p.Title, Home: p.Issuer, ClientID: p.ClientID, ClientSecret: secret, Transport: transport})
	case kindGoogle:
		return oidc.New(oidc.Options{Name: name, Title: cmp.Or(p.Title, "Google"), Issuer: cmp.Or(p.Issuer, oidc.Google),
			ClientID: p.ClientID, ClientSecret: secret, Transport: transport, Logger: log})
	case kindOIDC:
		return oidc.New(oidc.Options{Name: name, Title: p.Title, Issuer: p.Issuer,
			ClientID: p.ClientID, ClientSecret: secret, Transport: transport, Logger: log})
	}
	return nil, fault.New(fault.Invalid, "its kind is google, github or oidc")
}

// signUpPolicy says who may sign up.
func (c *Config) signUpPolicy() (signin.Policy, error) {
	p := signin.Policy{SignUp: signin.SignUpRule(c.SignUp)}
	switch p.SignUp {
	case "", signin.InviteOnly, signin.Open:
	case signin.ByDomain:
		if len(c.SignUpDomains) == 0 {
			return p, errors.New("signup_domains: name at least one domain, or let signup be invite")
		}
	default:
		return p, fmt.Errorf("signup: %q is none of invite, domains and open", c.SignUp)
	}
	for _, text := range c.SignUpDomains {
		mailbox, err := mail.Address("a@" + strings.TrimPrefix(text, "@"))
		if err != nil {
			return p, fmt.Errorf("signup_domains: %q is no domain such as example.com", text)
		}
		p.Domains = append(p.Domains, strings.TrimPrefix(mailbox, "a@"))
	}
	return p, nil
}

// checkSignIn finds what the types do not.
func (c *Config) checkSignIn() error {
	if c.AccessLifetime < 0 || c.SessionIdle < 0 || c.SessionLifetime < 0 {
		return errors.New("access_lifetime, session_idle and session_lifetime cannot be negative")
	}
	if _, err := c.signUpPolicy(); err != nil {
		return err
	}
	_, err := c.signInProviders(nil, slog.New(slog.DiscardHandler))
	return err
}
