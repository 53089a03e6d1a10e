package main

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/config"
)

// remote is where somebody signs in, and under which profile it is remembered.
type remote struct {
	profile string
	url     string
	origin  string
}

// signInAt is the server that is meant: the one whose address was typed, or that
// of the profile.
func (p *program) signInAt(typed string) (remote, error) {
	c, _, err := p.lenders.config()
	if err != nil {
		return remote{}, err
	}
	if typed == "" {
		return p.knownServer(c)
	}
	// A list that cannot be read is repaired by what follows, which says so.
	_ = p.lenders.adopt(c)
	address, err := completeAddress(typed)
	if err != nil {
		return remote{}, err
	}
	return p.named(c, address)
}

// knownServer is that of the profile that is meant; or, where that is this
// machine's own, the only other that is known.
func (p *program) knownServer(c *config.Config) (remote, error) {
	t, err := p.lenders.target()
	if err != nil {
		return remote{}, err
	}
	if !t.Local {
		return p.named(c, t.URL)
	}
	names := slices.Sorted(maps.Keys(c.Profiles))
	if len(names) == 1 && p.lenders.profile == "" {
		p.lenders.profile = names[0]
		return p.named(c, c.Profiles[names[0]].URL)
	}
	if len(names) == 0 || p.lenders.profile != "" {
		return remote{}, usage("Type its address: aichat login chat.example.com", "Which server? This machine's own needs no sign-in.")
	}
	return remote{}, usage("Type one: aichat login --profile "+names[0], "Which server? There is %s.", strings.Join(names, ", "))
}

// completeAddress makes an address of what was typed.
func completeAddress(typed string) (string, error) {
	address := strings.TrimRight(strings.TrimSpace(typed), "/")
	if !strings.Contains(address, "://") {
		scheme := "https://"
		if u, err := url.Parse("http://" + address); err == nil && ownMachine(u.Hostname()) {
			scheme = "http://"
		}
		address = scheme + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(u.Host, " \t"):
		return "", usage("Type it as https://chat.example.com", "%q is no address of a server.", oneLine(typed))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", usage("Type it as "+(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), "The address holds more than host and path.")
	case u.Scheme == "http" && !ownMachine(u.Hostname()):
		return "", usage(fmt.Sprintf("Use https. Or by SSH: ssh -N -L 8080:localhost:8080 %s, and aichat login localhost:8080", u.Hostname()),
			"%s is not encrypted: others could read the sign-in on its way.", address)
	}
	if _, err := config.Origin(address); err != nil {
		return "", usage("Type it as https://chat.example.com", "%q is no address of a server.", oneLine(typed))
	}
	return address, nil
}

func ownMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// named finds the name under which a server is known, or gives it one.
func (p *program) named(c *config.Config, address string) (remote, error) {
	origin, err := config.Origin(address)
	if err != nil {
		return remote{}, configFailure(err)
	}
	name := p.lenders.profile
	if name == "" {
		name = cmp.Or(knownAs(c, origin), nameOf(origin))
	}
	if name == config.LocalProfile || oneLine(name) != name || strings.ContainsAny(name, " \"'/\\") {
		return remote{}, usage("Choose another: --profile work", "A profile cannot be named %q.", oneLine(name))
	}
	if at, _ := config.Origin(c.Profiles[name].URL); at != "" && at != origin && c.InFile(name) {
		return remote{}, usage("Choose another name: --profile NAME", "config.toml says that the profile %q is %s.", name, at)
	}
	return remote{profile: name, url: address, origin: origin}, nil
}

// knownAs is the profile that already has that origin; empty: none has.
func knownAs(c *config.Config, origin string) string {
	for _, name := range slices.Sorted(maps.Keys(c.Profiles)) {
		if at, _ := config.Origin(c.Profiles[name].URL); at == origin {
			return name
		}
	}
	return ""
}

// nameOf names a server by its host, and its port where that is unusual.
func nameOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return strings.NewReplacer("[", "", "]", "", ":", "-").Replace(host)
}
