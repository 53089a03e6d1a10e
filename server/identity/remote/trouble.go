package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/server/fault"
)

// Away is the fault of a provider that cannot be asked now. title is what people
// call it.
func Away(title string, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return fault.Of(cause)
	}
	return fault.Wrap(spare(cause), fault.Unavailable, "%s does not answer at the moment. Try again in a minute, or choose another way to sign in.", title)
}

// Refused is the fault of an answer that does not hold.
func Refused(title string, cause error) error {
	return fault.Wrap(cause, fault.Unauthenticated, "%s's answer could not be confirmed, so nobody is signed in. Begin again from the sign-in page.", title)
}

// Misconfigured is the fault of a provider that does not take us for who we are.
func Misconfigured(title string, cause error) error {
	return fault.Wrap(cause, fault.Internal, "Signing in with %s is not set up correctly on this server. Tell whoever runs it, or choose another way.", title)
}

// Exchange is the fault of a token request that failed (RFC 6749, section 5.2).
func Exchange(title string, err error) error {
	refusal, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return Away(title, err)
	}
	status := 0
	if refusal.Response != nil {
		status = refusal.Response.StatusCode
	}
	// Its own text holds the body, which holds who knows what.
	cause := fmt.Errorf("token endpoint: status %d, error %.60q", status, refusal.ErrorCode)
	switch refusal.ErrorCode {
	case "invalid_client", "unauthorized_client", "incorrect_client_credentials", "redirect_uri_mismatch":
		return Misconfigured(title, cause)
	}
	if status == http.StatusUnauthorized { // without a code that says so
		return Misconfigured(title, cause)
	}
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return Away(title, cause)
	}
	return Refused(title, cause)
}

// spare leaves the query out of an address that could not be reached.
func spare(err error) error {
	failed, ok := errors.AsType[*url.Error](err)
	if !ok {
		return err
	}
	where := "an address"
	if u, parseErr := url.Parse(failed.URL); parseErr == nil {
		where = u.Scheme + "://" + u.Host + u.Path
	}
	return fmt.Errorf("%s %s: %w", failed.Op, where, failed.Err)
}
