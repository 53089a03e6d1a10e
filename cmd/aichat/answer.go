package main

import (
	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// answer is what has come of a turn so far.
type answer struct {
	Conversation string // empty: not saved
	Question     string
	Message      string // the answer's id, and the turn's

	Turn    *wire.Turn
	Notices []wire.Notice
	End     *wire.End

	begun bool // the server may know of it
	parts client.Assembler
}

// take takes an event in.
func (a *answer) take(ev client.Event) {
	a.parts.Apply(ev)
	switch {
	case ev.Turn != nil:
		a.Turn = ev.Turn
	case ev.Notice != nil:
		a.Notices = append(a.Notices, *ev.Notice)
	case ev.End != nil:
		a.End = ev.End
	}
}

func (a *answer) text() string { return a.parts.Text() }

// model is the model that answers, as far as it is known.
func (a *answer) model() string {
	switch {
	case a.End != nil && a.End.Message.Model != "":
		return a.End.Message.Model
	case a.Turn != nil:
		return a.Turn.Model
	default:
		return ""
	}
}

// state is the turn's state, and how it finished.
func (a *answer) state() (state, finish string) {
	if a.End == nil {
		return wire.StateRunning, ""
	}
	return a.End.Message.State, a.End.Message.Finish
}

// complete reports whether the turn ended with a whole answer, if perhaps one
// that was cut short.
func (a *answer) complete() bool { return a.End != nil && a.End.Message.State == wire.StateComplete }

// failure is how the turn failed; nil: it is complete, if perhaps cut short.
func (a *answer) failure() error {
	m := a.End.Message
	code, detail := m.ErrorCode, m.ErrorText
	switch m.State {
	case wire.StateComplete:
		return nil
	case wire.StateCancelled:
		code, detail = wire.Cancelled, "The answer was cancelled elsewhere; what had come is kept."
	case wire.StateInterrupted:
		if code == "" {
			code = wire.Interrupted
		}
		if detail == "" {
			detail = "The server stopped while it was answering; what had come is kept."
		}
	default:
		if code == "" {
			code = wire.Internal
		}
		if detail == "" {
			detail = "The answer failed."
		}
	}
	return refusalOf(wire.Problem{Code: code, Detail: detail, RetryAfter: a.End.RetryAfter})
}

// warning says what is not as it should be about a complete answer; empty:
// nothing.
func (a *answer) warning() string {
	if !a.complete() {
		return ""
	}
	switch a.End.Message.Finish {
	case wire.FinishLength:
		return "the answer was cut: it reached its length limit"
	case wire.FinishRefusal:
		return "the model refused to answer"
	case wire.FinishFilter:
		return "the provider's filter ended the answer"
	case wire.FinishTool:
		return "the model wants to call a tool, which is not possible here"
	default:
		return ""
	}
}
