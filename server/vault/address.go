package vault

import (
	"net"
	"net/url"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// Origin is where the key's base URL leads, as the web counts origins (RFC 6454,
// section 4): scheme, host and port, in lower case and with the port that goes
// without saying. Empty for the vendor's own address, whatever it is. A key is
// sealed for an origin; another path there is another way to whom it was entrusted
// anyway.
func (k *Key) Origin() string {
	if k.BaseURL == "" {
		return ""
	}
	u, err := url.Parse(k.BaseURL)
	if err != nil {
		return "invalid:" + k.BaseURL // seals for nothing but itself
	}
	port := u.Port()
	if port == "" {
		port = usualPort(u.Scheme)
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

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
		return "", fault.Field("base_url", "The base URL is longer than %d bytes.", longestURL)
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", fault.Field("base_url", "The base URL is no web address such as https://host/path.")
	case u.User != nil:
		return "", fault.Field("base_url", "The base URL holds a user name or password: the key goes in its own field.")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fault.Field("base_url", "The base URL holds more than a scheme, a host and a path: leave out what follows them.")
	case strings.HasSuffix(u.Host, ":"):
		return "", fault.Field("base_url", "The base URL has a colon without a port behind its host.")
	}
	return base, nil
}
