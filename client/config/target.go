package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/client/setting"
)

// LocalProfile names this machine's own server.
const LocalProfile = "local"

// Target is the server that is meant, and what is said to it.
type Target struct {
	// Profile names it: LocalProfile, a profile's name, or the origin where
	// AICHAT_URL says it. What is remembered is remembered under this name.
	Profile string

	Local   bool
	URL     string // empty for Local
	Token   setting.Secret
	Account string
	Model   string // of new conversations; empty: not configured
	System  string // of new conversations
}

// Target is the server that is meant. The flag --profile counts more than
// AICHAT_URL, and that more than AICHAT_PROFILE and the file, and these more than
// the profile that was signed in to. asked is the flag's value, empty where it
// was not given.
func (c *Config) Target(asked string) (Target, error) {
	if asked == "" && c.URL != "" {
		origin, err := Origin(c.URL)
		if err != nil {
			return Target{}, fmt.Errorf("AICHAT_URL: %w", err)
		}
		return Target{Profile: origin, URL: c.URL, Token: c.Token, Model: c.Model, System: c.System}, nil
	}
	name := cmp.Or(asked, c.Profile, c.signedIn, LocalProfile)
	p, ok := c.Profiles[name]
	switch {
	case name == LocalProfile && !ok:
		return Target{Profile: name, Local: true, Model: c.Model, System: c.System}, nil
	case name == LocalProfile:
		return Target{}, fmt.Errorf("profiles.%s: this name is the local server's: choose another", name)
	case !ok:
		return Target{}, fmt.Errorf("there is no profile %q; there is %s", name, c.profileNames())
	}
	origin, err := Origin(p.URL)
	if err != nil {
		return Target{}, fmt.Errorf("profiles.%s.url: %w", name, err)
	}
	return Target{
		Profile: name,
		URL:     p.URL,
		Token:   c.tokenFor(p, origin),
		Account: p.Account,
		Model:   cmp.Or(p.Model, c.Model),
		System:  cmp.Or(p.System, c.System),
	}, nil
}

// tokenFor is the profile's own token, or the environment's if that was made
// for the profile's origin: the one that the environment or the file names. To
// sign in elsewhere moves no token there.
func (c *Config) tokenFor(p Profile, origin string) setting.Secret {
	named := c.URL
	if named == "" {
		named = c.Profiles[c.Profile].URL
	}
	bound, _ := Origin(named) // no address, no origin, no token
	if !c.Token.Empty() && bound == origin {
		return c.Token
	}
	return p.Token
}

func (c *Config) profileNames() string {
	return strings.Join(append([]string{LocalProfile}, slices.Sorted(maps.Keys(c.Profiles))...), ", ")
}

// Origin is the origin of an address, as in RFC 6454: scheme, host and port, in
// lower case and without the scheme's own port.
func Origin(address string) (string, error) {
	if address != "" && !strings.Contains(address, "://") {
		return "", fmt.Errorf("there is no https:// before it: write https://%s, or http:// if it is this machine", address)
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("it is no web address such as https://chat.example.com")
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if scheme != "https" && scheme != "http" || host == "" {
		return "", fmt.Errorf("%q is not of the form https://host", u.Redacted())
	}
	if n, err := strconv.ParseUint(cmp.Or(port, "1"), 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("its port %s is no number from 1 to 65535", port)
	}
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host, nil
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}
