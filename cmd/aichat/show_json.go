package main

import (
	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// answerJSON is the one object of --json. Fields are only ever added.
type answerJSON struct {
	Text         string       `json:"text"`
	Model        string       `json:"model"`
	State        string       `json:"state"` // complete, cancelled, failed, interrupted
	Finish       string       `json:"finish,omitempty"`
	Usage        *usageJSON   `json:"usage"`
	CostMicroUSD *int64       `json:"cost_microusd"` // null: the price is unknown
	Conversation string       `json:"conversation,omitempty"`
	Question     string       `json:"question,omitempty"`
	Message      string       `json:"message,omitempty"`
	Title        string       `json:"title,omitempty"`
	Notices      []noticeJSON `json:"notices,omitempty"`
	Warning      string       `json:"warning,omitempty"`
	Error        *errorJSON   `json:"error,omitempty"`
}

type noticeJSON struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// usageJSON is in tokens.
type usageJSON struct {
	Input       int64 `json:"input"`
	CachedRead  int64 `json:"cached_read"`
	CachedWrite int64 `json:"cached_write"`
	Output      int64 `json:"output"`
	Reasoning   int64 `json:"reasoning"`
	Estimated   bool  `json:"estimated"`
}

// errorJSON is a failure in JSON.
type errorJSON struct {
	Code       wire.Code `json:"code"`
	Status     int       `json:"status"` // the exit status
	Message    string    `json:"message"`
	Hint       string    `json:"hint,omitempty"`
	RetryAfter int64     `json:"retry_after,omitempty"` // seconds
}

func errorOf(f *failure) *errorJSON {
	message := f.message
	if message == "" && f.code == codeStopped {
		message = "Stopped by a signal."
	}
	return &errorJSON{Code: f.code, Status: f.status, Message: message, Hint: f.hint, RetryAfter: f.retryAfter}
}

// objectOf describes an answer, as far as it has come.
func objectOf(a *answer) answerJSON {
	o := answerJSON{
		Text: a.text(), Model: a.model(), Conversation: a.Conversation,
		Question: a.Question, Message: a.Message, Warning: a.warning(),
	}
	o.State, o.Finish = a.state()
	for _, n := range a.Notices {
		o.Notices = append(o.Notices, noticeJSON{n.Code, n.Text})
	}
	if a.End == nil {
		return o
	}
	o.Title = a.End.Title
	if u := a.End.Message.Usage; u != nil {
		o.CostMicroUSD = u.CostMicroUSD
		o.Usage = &usageJSON{
			Input: u.Input, CachedRead: u.CachedRead, CachedWrite: u.CachedWrite,
			Output: u.Output, Reasoning: u.Reasoning, Estimated: u.Estimated,
		}
	}
	return o
}

// oneObject prints one object when all is known.
type oneObject struct {
	p       *program
	notes   *notes
	extract bool
}

func (s *oneObject) event(ev client.Event, _ *answer) error {
	s.notes.event(ev)
	return nil
}

func (s *oneObject) end(a *answer) error {
	if !a.complete() {
		return nil // told by failed
	}
	s.notes.quiet()
	o := objectOf(a)
	if s.extract {
		block, found := firstBlock(o.Text)
		if !found {
			return noBlock()
		}
		o.Text = block
	}
	return s.p.printJSON(o)
}

func (s *oneObject) cut(*answer) { s.notes.quiet() }

// failed prints what had come of the answer together with the failure.
func (s *oneObject) failed(a *answer, f *failure) error {
	s.notes.quiet()
	if a.Turn == nil {
		return s.p.printJSON(struct {
			Error *errorJSON `json:"error"`
		}{errorOf(f)})
	}
	o := objectOf(a)
	o.Error = errorOf(f)
	return s.p.printJSON(o)
}

// eventLines prints each event as it comes, one JSON object a line. The names
// and the data are the server's own; "connection" and "error" are added here.
type eventLines struct{ p *program }

type lineJSON struct {
	Event string `json:"event"`
	ID    string `json:"id,omitempty"`
	Data  any    `json:"data"`
}

func (s *eventLines) event(ev client.Event, _ *answer) error {
	return s.line(lineJSON{Event: ev.Name, ID: ev.ID, Data: dataOf(ev)})
}

func (s *eventLines) end(*answer) error { return nil }

func (s *eventLines) cut(*answer) {}

func (s *eventLines) failed(_ *answer, f *failure) error {
	return s.line(lineJSON{Event: "error", Data: errorOf(f)})
}

func (s *eventLines) line(l lineJSON) error {
	text, err := marshal(l)
	if err != nil {
		return failed(err, "an event cannot be written as JSON")
	}
	return write(s.p.out, text)
}

// dataOf is an event's data.
func dataOf(ev client.Event) any {
	switch {
	case ev.Turn != nil:
		return ev.Turn
	case ev.Delta != nil:
		return ev.Delta
	case ev.Snapshot != nil:
		return ev.Snapshot
	case ev.Notice != nil:
		return ev.Notice
	case ev.End != nil:
		return ev.End
	case ev.Connection != nil:
		return struct {
			Lost    bool `json:"lost"`
			Attempt int  `json:"attempt,omitempty"`
		}{ev.Connection.Lost, ev.Connection.Attempt}
	default:
		return nil
	}
}

// firstFence prints the first fenced code block of the answer, and nothing else.
type firstFence struct {
	p     *program
	notes *notes
}

func (s *firstFence) event(ev client.Event, _ *answer) error {
	s.notes.event(ev)
	return nil
}

func (s *firstFence) end(a *answer) error {
	if !a.complete() {
		return nil // half a block is no block
	}
	s.notes.quiet()
	block, found := firstBlock(a.text())
	if !found {
		return noBlock()
	}
	if s.p.out.terminal {
		block = inert(block)
	}
	if block != "" && block[len(block)-1] != '\n' {
		block += "\n"
	}
	if err := write(s.p.out, block); err != nil {
		return err
	}
	s.notes.end(a)
	return nil
}

func (s *firstFence) cut(*answer) { s.notes.quiet() }

func (s *firstFence) failed(*answer, *failure) error { return nil }

func noBlock() error {
	return &failure{status: exitFailed, code: codeFailed,
		message: "The answer holds no fenced code block.", hint: "See the whole answer without --extract."}
}
