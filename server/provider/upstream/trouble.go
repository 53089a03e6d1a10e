package upstream

import (
	"net/http"
	"strconv"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// Trouble is what a vendor says went wrong.
type Trouble struct {
	// Kind is what it means; the zero kind, Internal, leaves that to the status.
	Kind fault.Kind

	// Message is the vendor's own sentence, as it came. It is scrubbed before
	// anybody sees it.
	Message string

	// RetryAfter is the wait that the body names; zero leaves it to the header.
	RetryAfter time.Duration
}

// Explain says what a vendor's error body means. Body is at most 64 KiB and may
// be anything: cut short, a proxy's page, empty. The zero Trouble means that it
// says nothing.
type Explain func(status int, body []byte) Trouble

// KindOf is what a status means where the body says nothing better. It is
// Internal for a 2xx.
func KindOf(status int) fault.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.ProviderAuth
	case http.StatusPaymentRequired:
		return fault.ProviderQuota
	case http.StatusRequestTimeout:
		return fault.ProviderTimeout
	case http.StatusRequestEntityTooLarge:
		return fault.ContextTooLong
	case http.StatusTooManyRequests:
		return fault.ProviderRateLimited
	}
	switch {
	case status >= 500:
		return fault.ProviderOverloaded
	case status >= 300:
		return fault.ProviderRefused
	}
	return fault.Internal
}

// fault turns trouble at the start of an answer into a fault.
func (c *Client) fault(to provider.Endpoint, status int, t Trouble) *fault.Error {
	kind := t.Kind
	if kind == fault.Internal {
		kind = KindOf(status)
	}
	message := c.sentence(to, kind, status, Scrub(t.Message, to.Key))
	if kind == fault.ProviderAuth && to.Key.Empty() && status == http.StatusUnauthorized {
		kind = fault.NoKey // it refused nothing: nothing was sent
	}
	return &fault.Error{
		Kind:       kind,
		Message:    message,
		RetryAfter: min(max(t.RetryAfter, 0), maxRetryAfter),
		Cause:      statusError(status),
	}
}

// statusError is for the log.
type statusError int

func (e statusError) Error() string { return "upstream status " + strconv.Itoa(int(e)) }

// sentence is what the user reads. A vendor's own words follow ours, except
// where a key was refused: some vendors quote parts of it.
func (c *Client) sentence(to provider.Endpoint, kind fault.Kind, status int, words string) string {
	switch {
	case kind == fault.ProviderAuth && (status != http.StatusForbidden || words == ""):
		return c.keySentence(to)
	case words != "":
		return to.Provider + ": " + words
	case status >= 300 && status < 400:
		return to.Provider + " answered with a redirect, which is not followed; check its base URL."
	case status == http.StatusNotFound && kind == fault.ProviderRefused:
		return to.Provider + " has nothing at that address; check its base URL."
	}
	return "" // the kind's own
}

func (c *Client) keySentence(to provider.Endpoint) string {
	variable := c.variables[to.Provider]
	switch {
	case to.Owner == vault.OfUser:
		return to.Provider + " refused your own key, and no other is used in its place; see aichat keys to replace or remove it."
	case to.Owner == vault.OfAccount:
		return to.Provider + " refused the key of your account, and no other is used in its place; see aichat keys --account to replace or remove it."
	case to.Owner == vault.OfServer && to.Key.Empty():
		return to.Provider + " wants a key, and this server has none for it: its operator has to add one."
	case to.Owner == vault.OfServer:
		return to.Provider + " refused this server's key: the server's operator has to replace it (aichat-server keys)."
	case to.Key.Empty() && variable != "":
		return to.Provider + " wants a key; set " + variable + "."
	case to.Key.Empty():
		return to.Provider + " wants a key, and none is configured."
	case variable != "" && to.KeyID == "env":
		return to.Provider + " refused its key; check " + variable + "."
	}
	return to.Provider + " refused its key; check the key that is configured for it."
}

// maxRetryAfter bounds what a vendor can make anybody wait.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads Retry-After (RFC 9110, section 10.2.3: seconds or a date) and
// the finer retry-after-ms that some vendors add. Zero means that there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return seconds(ms / 1000)
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
		return seconds(s)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// seconds converts without overflow; NaN is zero.
func seconds(s float64) time.Duration {
	if s >= maxRetryAfter.Seconds() {
		return maxRetryAfter
	}
	if s > 0 {
		return time.Duration(s * float64(time.Second))
	}
	return 0
}
