package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/figure"
)

// failure is how a command fails: what happened, what to type next, and the
// exit status.
type failure struct {
	status  int
	code    wire.Code // of the contract, or one of the codes below
	message string    // a sentence: what happened
	hint    string    // what to do next; empty: nothing to be done
	// retryAfter is in seconds; 0: unknown.
	retryAfter int64
	cause      error // for -v
}

// Codes of failures that begin in this program; they stand in JSON beside the
// contract's.
const (
	codeFailed      wire.Code = "failed"
	codeUsage       wire.Code = "usage"
	codeUnreachable wire.Code = "unreachable"
	codeStopped     wire.Code = "stopped" // by a signal
)

func (f *failure) Error() string {
	if f.cause != nil {
		return f.message + ": " + f.cause.Error()
	}
	return f.message
}

func (f *failure) Unwrap() error { return f.cause }

// usage is a mistake in what was typed. The hint says what to type instead.
func usage(hint, format string, args ...any) *failure {
	return &failure{status: exitUsage, code: codeUsage, message: fmt.Sprintf(format, args...), hint: hint}
}

// failed is a failure of this program itself.
func failed(cause error, format string, args ...any) *failure {
	return &failure{status: exitFailed, code: codeFailed, message: fmt.Sprintf(format, args...), cause: cause}
}

// errQuiet ends a command whose reader has gone: there is nothing to say, and
// nobody to say it to. The reader has what it wanted, so the status is 0.
var errQuiet = errors.New("nobody reads the output any more")

// said is an error that has already been told to the user, as JSON on stdout.
type said struct{ *failure }

func (s said) Unwrap() error { return s.failure }

// alreadySaid reports whether the user has been told.
func alreadySaid(err error) bool {
	var s said
	return errors.As(err, &s)
}

// failureOf makes a failure of any error: the one place where what went wrong
// becomes a sentence, a hint and an exit status. An error that came after a
// signal is that signal's.
func (p *program) failureOf(ctx context.Context, err error) *failure {
	if s, yes := errors.AsType[stopped](context.Cause(ctx)); yes {
		return &failure{status: s.status(), code: codeStopped, cause: err}
	}
	if errors.Is(err, errQuiet) {
		return &failure{status: exitOK}
	}
	if f, yes := errors.AsType[*failure](err); yes {
		return p.inOwnTime(f)
	}
	if f := failureOfSignIn(err); f != nil {
		return f
	}
	return p.inOwnTime(p.failureOfClient(err))
}

// inOwnTime says when a used-up plan begins anew in the person's own time, which
// the server does not know.
func (p *program) inOwnTime(f *failure) *failure {
	if f.code != wire.QuotaExhausted || f.retryAfter <= 0 {
		return f
	}
	wait := time.Duration(f.retryAfter) * time.Second
	f.hint = fmt.Sprintf("In your time it resets %s, in %s. What is used and left: aichat usage", figure.At(p.now().Add(wait), p.now()), figure.Span(wait))
	return f
}

// failureOfClient translates the client library's errors.
func (p *program) failureOfClient(err error) *failure {
	var (
		refusal     *client.Error
		unreachable *client.UnreachableError
		protocol    *client.ProtocolError
		gone        *client.GoneError
		ambiguous   *client.AmbiguousError
	)
	switch {
	case errors.As(err, &gone):
		return &failure{status: exitElsewhere, code: wire.Interrupted, cause: err,
			message: "The server no longer knows this answer: it was restarted, or its chat was deleted.",
			hint:    "Ask again."}
	case errors.As(err, &refusal):
		return refusalOf(refusal.Problem)
	case errors.As(err, &unreachable):
		return unreachableFailure(unreachable)
	case errors.As(err, &protocol):
		return &failure{status: exitUnreachable, code: codeUnreachable, cause: err,
			message: sentence(protocol.Error()), hint: "See: aichat doctor"}
	case errors.As(err, &ambiguous):
		return ambiguousFailure(ambiguous)
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{status: exitUnreachable, code: codeUnreachable, cause: err,
			message: "The server did not answer in time.", hint: "See: aichat doctor"}
	default:
		return &failure{status: exitFailed, code: codeFailed, message: sentence(err.Error()), cause: errors.Unwrap(err)}
	}
}

func unreachableFailure(err *client.UnreachableError) *failure {
	f := &failure{status: exitUnreachable, code: codeUnreachable, cause: err.Err, hint: "See: aichat doctor"}
	if err.Local {
		f.message = fmt.Sprintf("The local server cannot be reached: %s.", err.Why())
	} else {
		f.message = fmt.Sprintf("%s cannot be reached: %s.", err.URL, err.Why())
		f.hint = "Check the address and the network. See: aichat doctor"
	}
	if err.Silent() {
		f.hint = "If it took the question all the same, the answer comes to: aichat chats. See also: aichat doctor"
	}
	if err.Last != nil {
		f.message += " Before that it said: " + sentence(err.Last.Error())
	}
	return f
}

func ambiguousFailure(err *client.AmbiguousError) *failure {
	var b strings.Builder
	fmt.Fprintf(&b, "Several chats begin with %q:", err.Prefix)
	for _, c := range err.Candidates {
		fmt.Fprintf(&b, "\n        %s  %s", c.ID, oneLine(c.Title))
	}
	if err.More {
		b.WriteString("\n        …")
	}
	return usage("Type more of the id.", "%s", b.String())
}

// refusalOf makes a failure of a problem that the server told, or that ended a
// turn.
func refusalOf(problem wire.Problem) *failure {
	message := problem.Detail
	if message == "" {
		message = fmt.Sprintf("The server refused: %s.", problem.Code)
	}
	return &failure{
		status: statusOf(problem.Code), code: problem.Code, message: message,
		hint: hintFor(problem), retryAfter: problem.RetryAfter,
	}
}

// hintFor says what to type next after a refusal, where there is something.
func hintFor(problem wire.Problem) string {
	hint := ""
	switch problem.Code {
	case wire.ModelUnknown:
		hint = "See: aichat models"
	case wire.NoKey:
		hint = "What can be used: aichat models. What else there is, and what it needs: aichat models --all"
	case wire.ProviderAuth:
		hint = "To ask another model: aichat models"
	case wire.Unauthenticated:
		hint = "Sign in: aichat login. Or set AICHAT_TOKEN to a valid token."
	case wire.Forbidden:
		switch problem.Subject {
		case wire.ScopeRead, wire.ScopeChat, wire.ScopeAccount:
			hint = "Use one that was made with it (aichat tokens create --scope " + problem.Subject + "), or sign in: aichat login"
		}
	case wire.ClientTooOld:
		hint = "Update aichat."
	case wire.NotFound:
		hint = "See: aichat chats list --all"
	case wire.ContextTooLong:
		hint = "Send less, or choose a model with more room: aichat models"
	case wire.TurnRunning:
		hint = "Wait for it, or fork the chat: aichat chats fork"
	case wire.ProviderUnreachable:
		hint = "Try again, or see what is wrong: aichat doctor"
	case wire.ProviderOverloaded, wire.ProviderTimeout, wire.ProviderTruncated,
		wire.ProviderFailed, wire.ProviderMalformed, wire.Timeout, wire.Unavailable, wire.Interrupted:
		hint = "Try again."
	case wire.ProviderQuota:
		hint = "Ask another model: -m"
	case wire.RateLimited, wire.ProviderRateLimited:
		hint = "Try again later."
	}
	switch {
	case problem.Code == wire.QuotaExhausted && problem.RetryAfter == 0 && !strings.HasSuffix(problem.Subject, ".messages"): // it never fits
		return "Models, with their prices: aichat models"
	case problem.Code == wire.QuotaExhausted:
		return "" // the message says when it resets and whom to ask
	case problem.Code == wire.RateLimited && problem.Subject != "": // one of the plan's rates; the message says when to come back
		return "What the plan allows: aichat usage"
	case problem.RetryAfter > 0:
		hint = fmt.Sprintf("Try again in %s.", figure.Span(time.Duration(problem.RetryAfter)*time.Second))
	}
	return hint
}
