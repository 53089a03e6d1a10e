package openai

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

const (
	ollamaHost = "127.0.0.1"
	ollamaPort = "11434"
)

// OllamaBaseURL turns what people have in OLLAMA_HOST into the base URL of
// Ollama's compatible API. It takes what Ollama's own command takes: a host, a
// host and port, a port (":8080"), or a URL, in quotes or not; empty means
// 127.0.0.1:11434. As there, a URL without a port means its scheme's own port,
// everything else 11434. An address to listen on everywhere (0.0.0.0, ::)
// becomes the loopback address, as nobody can call it. Anything else is an
// Invalid fault.
func OllamaBaseURL(host string) (string, error) {
	host = strings.Trim(strings.TrimSpace(host), `"'`)
	u, err := ollamaURL(host)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "OLLAMA_HOST is neither a host, a port nor a URL.")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fault.New(fault.Invalid, "OLLAMA_HOST may hold a scheme, a host, a port and a path, nothing else.")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fault.New(fault.Invalid, "OLLAMA_HOST must be an http or https address.")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", fault.New(fault.Invalid, "OLLAMA_HOST has a port that is no number from 1 to 65535.")
		}
	}
	u.Host = callable(u)
	path := strings.TrimRight(u.Path, "/")
	u.Path, u.RawPath = strings.TrimSuffix(path, "/v1")+"/v1", ""
	return u.String(), nil
}

// ollamaURL parses, and adds the scheme and port that are meant.
func ollamaURL(host string) (*url.URL, error) {
	if strings.Contains(host, "://") {
		return url.Parse(host)
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		host = "[" + host + "]" // a bare IPv6 address
	}
	u, err := url.Parse("http://" + host)
	if err == nil && u.Port() == "" {
		u.Host = strings.TrimSuffix(u.Host, ":") + ":" + ollamaPort
	}
	return u, err
}

// callable is the URL's host and port with a host that can be called.
func callable(u *url.URL) string {
	host := u.Hostname()
	addr, err := netip.ParseAddr(host)
	switch {
	case host == "":
		host = ollamaHost
	case err == nil && addr.IsUnspecified() && addr.Is4():
		host = ollamaHost
	case err == nil && addr.IsUnspecified():
		host = "::1"
	}
	if port := u.Port(); port != "" {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
