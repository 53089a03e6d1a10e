package provider

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// baseURLVariable names the variable that says where a provider is.
func baseURLVariable(provider string) string {
	switch provider {
	case AnthropicID:
		return "ANTHROPIC_BASE_URL"
	case OpenAIID:
		return "OPENAI_BASE_URL"
	case GeminiID:
		return "GOOGLE_GEMINI_BASE_URL"
	}
	return ""
}

// operations are what a dialect puts behind a base URL, the longest first. They
// are often pasted with it.
func operations(provider string) []string {
	switch provider {
	case AnthropicID:
		return []string{"/v1/messages", "/v1"}
	case OpenAIID:
		return []string{"/chat/completions", "/responses", "/completions", "/models"}
	case GeminiID:
		return []string{"/v1beta/models", "/v1beta", "/v1/models", "/v1"}
	}
	return nil
}

// meantBase is the base URL that is meant by what somebody wrote into a
// provider's variable: without a trailing slash, and without what the program
// puts behind it anyway. What is no web address is an Invalid fault that says
// what to write.
func meantBase(provider, written string) (string, *fault.Error) {
	base := strings.TrimRight(written, "/")
	if base == "" {
		return "", nil
	}
	variable := baseURLVariable(provider)
	if !strings.Contains(written, "://") {
		return base, mistaken(variable, "has neither http:// nor https:// before it: write %s://%s", likelyScheme(base), base)
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return base, mistaken(variable, "is no web address such as https://host/path")
	case u.RawQuery != "" || u.Fragment != "":
		return base, mistaken(variable, "holds more than a scheme, a host and a path: leave out what follows them")
	case !goodPort(u.Port()):
		return base, mistaken(variable, "has a port that is no number from 1 to 65535")
	}
	for _, operation := range operations(provider) {
		if shorter, found := strings.CutSuffix(base, operation); found {
			base = strings.TrimRight(shorter, "/")
			break
		}
	}
	if once, found := strings.CutSuffix(base, "/v1/v1"); found {
		base = once + "/v1"
	}
	return base, nil
}

// mistaken is a fault about a variable's value, which it does not repeat: there
// may be a password in it.
func mistaken(variable, format string, args ...any) *fault.Error {
	return fault.Field(variable, variable+" "+format+".", args...)
}

// likelyScheme guesses what was left out: machines near by speak http.
func likelyScheme(address string) string {
	host, _, _ := strings.Cut(address, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return "http"
	}
	return "https"
}

func goodPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
