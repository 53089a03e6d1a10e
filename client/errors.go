package client

import (
	"errors"
	"fmt"

	"github.com/aichat-term/aichat/client/wire"
)

// Error is a server's refusal. Code, Status, Detail, Subject and RetryAfter are
// the problem's own. Where something between us and the server answered with a
// bare status, Code is derived from it.
type Error struct{ wire.Problem }

// Error is the problem's detail: a sentence that a person can act on.
func (e *Error) Error() string {
	switch {
	case e.Detail != "":
		return e.Detail
	case e.Title != "":
		return e.Title
	}
	return fmt.Sprintf("the server refused: %d %s", e.Status, e.Code)
}

// CodeOf is the code of the *Error in err's chain; empty where there is none.
func CodeOf(err error) wire.Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// UnreachableError says that nobody answered: no connection, or one that broke
// or stayed silent.
type UnreachableError struct {
	URL   string // the server's address
	Local bool   // it is this machine's own server
	Err   error

	// Last is what the server, or what stands before it, said before nobody
	// answered any more; nil: nothing.
	Last *Error
}

func (e *UnreachableError) Error() string {
	if e.Local {
		return "the local server cannot be reached: " + e.Why()
	}
	said := ""
	if e.Last != nil {
		said = " (before that it said: " + e.Last.Error() + ")"
	}
	return fmt.Sprintf("%s cannot be reached: %s%s; check the address and the network, then try again", e.URL, e.Why(), said)
}

// Silent reports whether a connection was there and nothing came over it: the server
// may have taken what was sent.
func (e *UnreachableError) Silent() bool { return errors.Is(e.Err, errSilent) }

func (e *UnreachableError) Unwrap() error { return e.Err }

// ProtocolError says that what answered does not speak our protocol: a proxy's
// page, another program, or a server that is too old or broken.
type ProtocolError struct {
	URL    string // what was asked
	Status int    // HTTP status of the answer
	Reason string // a sentence's end: "answered with …"
	Err    error  // may be nil
}

func (e *ProtocolError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s %s: %v", e.URL, e.Reason, e.Err)
	}
	return fmt.Sprintf("%s %s", e.URL, e.Reason)
}

func (e *ProtocolError) Unwrap() error { return e.Err }

// GoneError ends a stream whose turn the server no longer knows: it was not to
// be saved and the server was restarted, or its conversation was deleted. Err
// is the server's answer.
type GoneError struct {
	Turn string
	Err  error
}

func (e *GoneError) Error() string {
	return "the server no longer knows this answer: " + e.Err.Error()
}

func (e *GoneError) Unwrap() error { return e.Err }

// AmbiguousError says that several conversations begin with Prefix.
type AmbiguousError struct {
	Prefix     string
	Candidates []wire.Conversation // most recently updated first
	More       bool                // there are others beyond Candidates
}

func (e *AmbiguousError) Error() string {
	more := ""
	if e.More {
		more = "more than "
	}
	return fmt.Sprintf("%s%d conversations begin with %q: type more of its id", more, len(e.Candidates), e.Prefix)
}
