package oauth

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/signin"
)

// refusal is an error in OAuth's own words (RFC 6749, section 5.2; RFC 8628,
// section 3.5). Its description is constant text in ASCII, without quotes and
// backslashes, and never says anything of a code or token.
type refusal struct {
	status  int
	problem wire.OAuthProblem
	wait    time.Duration // until it makes sense to try again; zero: unknown
}

func (r *refusal) Error() string { return r.problem.Error + ": " + r.problem.Description }

func refuse(status int, code, description string) *refusal {
	return &refusal{status: status, problem: wire.OAuthProblem{Error: code, Description: description}}
}

func badRequest(code, description string) *refusal {
	return refuse(http.StatusBadRequest, code, description)
}

func invalid(description string) *refusal { return badRequest(wire.OAuthInvalidRequest, description) }

// tooMany is the refusal of a visitor who comes too often, in one of OAuth's
// words.
func tooMany(code string, wait time.Duration, description string) *refusal {
	r := refuse(http.StatusTooManyRequests, code, description)
	r.wait = wait
	return r
}

// What is wrong with a form, and what a device flow that is not over says.
var (
	errNoEndpoint = refuse(http.StatusNotFound, wire.OAuthInvalidRequest, "There is no such endpoint here.")
	errMethod     = refuse(http.StatusMethodNotAllowed, wire.OAuthInvalidRequest, "This endpoint takes POST only.")
	errReadOnly   = refuse(http.StatusMethodNotAllowed, wire.OAuthInvalidRequest, "The metadata can only be read.")
	errSecret     = refuse(http.StatusUnauthorized, wire.OAuthInvalidClient,
		"Clients have no secret here. Send client_id in the form, and no Authorization header.")
	errLarge       = refuse(http.StatusRequestEntityTooLarge, wire.OAuthInvalidRequest, "The form is larger than 16 KiB.")
	errQuery       = invalid("Send the parameters in the body. Addresses end up in logs.")
	errContentType = invalid("Send a form: Content-Type must be application/x-www-form-urlencoded.")
	errBody        = invalid("The body could not be read.")
	errEncoding    = invalid("The form is not properly encoded UTF-8.")
	errTwice       = invalid("A parameter is there more than once.")

	errGrantType = badRequest(wire.OAuthUnsupportedGrantType, "grant_type must be "+wire.GrantDeviceCode+" or "+wire.GrantRefresh+".")

	errRefused = badRequest(wire.OAuthInvalidGrant, "That code or token was no good before. Please sign in again.")

	errWaiting    = badRequest(wire.OAuthAuthorizationPending, "Nobody has approved this sign-in yet. Ask again after the interval.")
	errTurnedDown = badRequest(wire.OAuthAccessDenied, "The sign-in was turned down in the browser.")
	errTimedOut   = badRequest(wire.OAuthExpiredToken, "Nobody approved this sign-in in time. Start it again.")
)

func errSlowDown(interval time.Duration) *refusal {
	r := badRequest(wire.OAuthSlowDown, "That was too soon. The interval has grown by five seconds, for all that follows.")
	r.problem.Interval = seconds(interval)
	return r
}

// refusalOf is the public face of an error; nothing of its cause is in it.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	f := fault.Of(err)
	status, code := faultCode(f)
	return &refusal{status, wire.OAuthProblem{Error: code, Description: f.Public()}, f.RetryAfter}
}

// faultCode is the only place where faults become OAuth's errors.
func faultCode(f *fault.Error) (status int, code string) {
	switch {
	case f.Subject == signin.SubjectClient:
		return http.StatusBadRequest, wire.OAuthInvalidClient
	case f.Subject == signin.SubjectScope:
		return http.StatusBadRequest, wire.OAuthInvalidScope
	case f.Subject == signin.SubjectTokenType:
		return http.StatusBadRequest, wire.OAuthUnsupportedTokenType
	}
	switch f.Kind {
	case fault.Unauthenticated:
		return http.StatusBadRequest, wire.OAuthInvalidGrant
	case fault.Invalid, fault.TextInvalid, fault.TooLarge:
		return http.StatusBadRequest, wire.OAuthInvalidRequest
	case fault.RateLimited:
		return http.StatusTooManyRequests, wire.OAuthUnavailable
	case fault.Unavailable, fault.Timeout, fault.Canceled:
		return http.StatusServiceUnavailable, wire.OAuthUnavailable
	}
	return http.StatusInternalServerError, wire.OAuthServerError
}

// fail answers with an error. The log hears of what is our own failure; what a
// caller did wrong holds codes and tokens.
func (d *Door) fail(w http.ResponseWriter, r *http.Request, err error) {
	out := refusalOf(err)
	if out.status >= http.StatusInternalServerError && r.Context().Err() == nil {
		d.log.LogAttrs(r.Context(), slog.LevelError, "sign-in request failed", slog.Any("error", err))
	}
	if out.wait > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(seconds(out.wait), 10))
	}
	reply(w, out.status, out.problem)
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

// reply answers with JSON, or with nothing for a nil body. What goes out here
// is a secret or how one came to nothing: no cache may keep it (RFC 6749,
// section 5.1).
func reply(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	if body == nil {
		w.WriteHeader(status)
		return
	}
	text, err := json.Marshal(body)
	if err != nil { // a struct of strings and numbers: cannot happen
		panic(err)
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client may be gone: nobody is left to tell
}
