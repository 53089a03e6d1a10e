package vault

import (
	"net"
	"net/url"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// Origin is where a base URL leads, as the web counts origins (RFC 6454, section
// 4): scheme, host and port, in lower case and with the port that goes without
// saying. Empty for the vendor's own address, whatever it is. A key is sealed for
// an origin; another path there is another way to whom it was entrusted anyway.
func Origin(baseURL string) string {
	if baseURL == "" {
		return ""
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return "invalid:" + baseURL // seals for nothing but itself
	}
	port := u.Port()
	if port == "" {
		port = usualPort(u.Scheme)
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Origin is that of the key's base URL.
func (k *Key) Origin() string { return Origin(k.BaseURL) }

func usualPort(scheme string) string {
	if strings.EqualFold(scheme, "http") {
		return "80"
	}
	return "443"
}

// longestURL bounds a base URL, in bytes.
const longestURL = 1000

// CheckBaseURL returns a base URL as it is kept, without trailing slashes, or an
// Invalid fault that says what to write. It looks at the shape only: which addresses
// may be called is up to whoever calls them. The fault does not repeat the text,
// in which there may be a password. Empty is the vendor's own address.
func CheckBaseURL(written string) (string, error) {
	base := strings.TrimRight(strings.TrimSpace(written), "/")
	if base == "" {
		return "", nil
	}
	if len(base) > longestURL {
		return "", badURL("The base URL is longer than %d bytes.", longestURL)
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", badURL("The base URL is no web address such as https://host/path.")
	case u.User != nil:
		return "", badURL("The base URL holds a user name or password: the key goes in its own field.")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", badURL("The base URL holds more than a scheme, a host and a path: leave out what follows them.")
	case strings.HasSuffix(u.Host, ":"):
		return "", badURL("The base URL has a colon without a port behind its host.")
	}
	return base, nil
}

func badURL(format string, args ...any) error {
	f := fault.New(fault.Invalid, format, args...)
	f.Subject = "base_url"
	return f
}
