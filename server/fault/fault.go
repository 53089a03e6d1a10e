package fault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Error is a failure with a kind, a public sentence and a private cause.
//
// The zero Error is an Internal one. Errors are values: an Error is not changed
// after it has been returned, and may be read from several goroutines.
type Error struct {
	Kind Kind

	// Message is shown to the user: what happened and, where there is one, what
	// to do next. It never holds a secret, a prompt or an internal detail.
	// Empty means the kind's own sentence.
	Message string

	// RetryAfter says when trying again makes sense; zero means unknown.
	RetryAfter time.Duration

	// Subject names the thing the fault is about where a program needs it: the
	// id of the running turn, the offending field. Never a secret.
	Subject string

	// Cause is for the log. It is never shown to a user.
	Cause error
}

// New returns a fault of the given kind with a public message.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Field returns an Invalid fault about one field of a request, which is its Subject.
func Field(name, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Subject: name, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a fault of the given kind around a private cause.
func Wrap(cause error, kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// Error describes the fault for the log: it may hold the cause's text, so a
// door shows Public instead.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Public()
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the private cause, if any.
func (e *Error) Unwrap() error { return e.Cause }

// Public is the sentence for the user: Message, or the kind's own.
func (e *Error) Public() string {
	if e.Message != "" {
		return e.Message
	}
	return e.Kind.sentence()
}

// Of returns the fault in err's chain. An error that is no fault comes back as
// one: Canceled for a cancelled context, Timeout for an expired one, Internal
// with err as its cause for everything else. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Canceled, Cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Timeout, Cause: err}
	}
	return &Error{Kind: Internal, Cause: err}
}

// Is reports whether err's chain holds a fault of that kind.
func Is(err error, kind Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == kind
}
