package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// want is the table from codes to exit statuses, once more: a code that is added
// to the contract fails here until somebody has decided.
var want = map[wire.Code]int{
	wire.Internal: 1, wire.CursorInvalid: 1, wire.NotFound: 1, wire.IDConflict: 1, wire.TurnRunning: 1, wire.NoKey: 1,
	wire.SyncReset: 1, wire.ClientTooOld: 1, wire.Forbidden: 1, wire.Timeout: 1,
	wire.InvalidRequest: 2, wire.TextInvalid: 2, wire.TooLarge: 2, wire.ContextTooLong: 2, wire.ModelUnknown: 2,
	wire.Unauthenticated: 4, wire.QuotaExhausted: 5, wire.RateLimited: 6,
	wire.ProviderAuth: 7, wire.ProviderRateLimited: 7, wire.ProviderQuota: 7, wire.ProviderOverloaded: 7,
	wire.ProviderRefused: 7, wire.ProviderUnreachable: 7, wire.ProviderTimeout: 7, wire.ProviderTruncated: 7,
	wire.ProviderMalformed: 7, wire.ProviderFailed: 7,
	wire.Unavailable: 8, wire.Cancelled: 9, wire.Interrupted: 9,
}

func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	for _, code := range wire.Codes() {
		status, decided := want[code]
		if !decided {
			t.Errorf("nobody decided the exit status of %q", code)
		}
		if got := statusOf(code); got != status {
			t.Errorf("%q: status %d, want %d", code, got, status)
		}
		if strings.HasPrefix(string(code), "provider_") != (status == exitProvider) {
			t.Errorf("%q: status %d does not fit what the code says of the provider", code, status)
		}
	}
	if got := statusOf("from_the_future"); got != exitFailed {
		t.Errorf("an unknown code: status %d, want %d", got, exitFailed)
	}
}

func TestFailureOf(t *testing.T) {
	t.Parallel()
	interrupted, cancel := context.WithCancelCause(t.Context())
	cancel(stopped{os.Interrupt})
	terminated, cancel := context.WithCancelCause(t.Context())
	cancel(stopped{syscall.SIGTERM})
	problem := &client.Error{Problem: wire.Problem{Code: wire.QuotaExhausted, Detail: "No more today.", RetryAfter: 90}}
	limited := &client.Error{Problem: wire.Problem{Code: wire.RateLimited, Detail: "Too fast.", RetryAfter: 90}}
	for _, c := range []struct {
		name   string
		ctx    context.Context
		err    error
		status int
		says   string
		hint   string
	}{
		{"usage", t.Context(), usage("Do this.", "That was wrong."), 2, "That was wrong.", "Do this."},
		{"a refusal", t.Context(), fmt.Errorf("around: %w", limited), 6, "Too fast.", "2 min"},
		{"a quota, which resets in one's own time", t.Context(), problem, 5, "No more today.", "at 21:01, in 2 min"},
		{"unreachable", t.Context(), &client.UnreachableError{URL: "https://x", Err: errors.New("no route")}, 8, "https://x cannot be reached", "doctor"},
		{"the local server", t.Context(), &client.UnreachableError{Local: true, Err: errors.New("not there")}, 8, "The local server", "doctor"},
		{"not our protocol", t.Context(), &client.ProtocolError{URL: "https://x", Reason: "answered with a web page"}, 8, "web page", "doctor"},
		{"forgotten", t.Context(), &client.GoneError{Err: problem}, 9, "no longer knows", "Ask again"},
		{"too late", t.Context(), context.DeadlineExceeded, 8, "in time", "doctor"},
		{"ambiguous", t.Context(), &client.AmbiguousError{Prefix: "01", Candidates: []wire.Conversation{{ID: "0123", Title: "t\x1b[0m"}}}, 2, "0123", "Type more"},
		{"anything", t.Context(), errors.New("odd"), 1, "Odd", ""},
		{"the reader has gone", t.Context(), fmt.Errorf("around: %w", errQuiet), 0, "", ""},
		{"ctrl+c", interrupted, problem, 130, "", ""},
		{"SIGTERM", terminated, errQuiet, 143, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := (&program{now: midMonth}).failureOf(c.ctx, c.err)
			if f.status != c.status || !strings.Contains(f.message, c.says) || !strings.Contains(f.hint, c.hint) {
				t.Errorf("got status %d, %q, hint %q", f.status, f.message, f.hint)
			}
		})
	}
}
