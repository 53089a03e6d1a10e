package web

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/signin"
)

// failure is what the error page shows besides the sentence.
type failure struct {
	Sentence string
	Way      string // text of the link onward
	To       string
}

// nothingHere answers what no route matches.
func nothingHere(*exchange) error {
	return fault.New(fault.NotFound, "There is no page at this address. If you have a code from your terminal, enter it below; otherwise see your account.")
}

// fail answers with a page that says what happened and what to do.
func (x *exchange) fail(err error) {
	f := fault.Of(err)
	level := slog.LevelInfo
	if status(f.Kind) >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	// The address is left out: its query may hold a code or a link.
	x.o.Logger.LogAttrs(x.r.Context(), level, "page failed",
		slog.String("method", x.r.Method), slog.String("route", x.r.Pattern), slog.String("kind", f.Kind.String()), slog.Any("error", err))
	if f.RetryAfter > 0 {
		x.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if err := x.render(status(f.Kind), "failure", sheet{Title: heading(f.Kind), Data: x.failure(f)}); err != nil {
		http.Error(x.w, f.Public(), status(f.Kind))
	}
}

// failure leads on: to the code where it was about one, otherwise to where one
// signs in, or sees that one is.
func (x *exchange) failure(f *fault.Error) failure {
	switch {
	case f.Kind == fault.NotFound, strings.HasPrefix(x.r.URL.Path, "/device"):
		return failure{f.Public(), "Enter a code", "/device"}
	case x.visit.SignedIn():
		return failure{f.Public(), "Go to your account", signin.HomePath}
	}
	return failure{f.Public(), "Go to the sign-in page", "/signin"}
}

// status is the HTTP status of a kind. A browser acts on none of them but 429
// and 503; they are for logs and for programs.
func status(k fault.Kind) int {
	switch k {
	case fault.Invalid, fault.TextInvalid:
		return http.StatusUnprocessableEntity
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.NotFound:
		return http.StatusNotFound
	case fault.IDConflict:
		return http.StatusConflict
	case fault.Unauthenticated, fault.Forbidden:
		return http.StatusForbidden
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// heading is a failure's title.
func heading(k fault.Kind) string {
	switch k {
	case fault.NotFound:
		return "Nothing here"
	case fault.Unauthenticated, fault.Forbidden, fault.IDConflict:
		return "That did not work"
	case fault.Invalid, fault.TextInvalid, fault.TooLarge:
		return "Something is missing"
	case fault.RateLimited:
		return "A little slower, please"
	case fault.Unavailable, fault.Timeout:
		return "Not available right now"
	}
	return "Something went wrong here"
}

// ago says how long ago it was, for people.
func ago(d time.Duration) string {
	switch minutes := int(d / time.Minute); {
	case minutes < 1:
		return "less than a minute ago"
	case minutes == 1:
		return "a minute ago"
	default:
		return strconv.Itoa(minutes) + " minutes ago"
	}
}
