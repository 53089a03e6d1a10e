package main

import "github.com/aichat-term/aichat/client"

// shower shows an answer in one of the ways there are. event is called with each
// event after the answer has taken it in. Then either end is called, with the
// turn's end told, or cut, where it is not waited for any more. After that,
// failed is called where JSON is to tell of a failure. An error of a shower ends
// the command.
type shower interface {
	event(ev client.Event, a *answer) error
	end(a *answer) error
	cut(a *answer)
	failed(a *answer, f *failure) error
}

// shower picks the way that the flags and the streams ask for.
func (p *program) shower(o askOptions) shower {
	notes := p.notes(o)
	switch {
	case o.streamJSON:
		return &eventLines{p: p}
	case o.json:
		return &oneObject{p: p, notes: notes, extract: o.extract}
	case o.extract:
		return &firstFence{p: p, notes: notes}
	case o.noStream && p.rendered(o):
		return &rendered{p: p, notes: notes, page: p.printer(), wait: true}
	case p.rendered(o):
		return &rendered{p: p, notes: notes, page: p.printer()}
	case p.out.terminal:
		return &source{p: p, notes: notes, wait: o.noStream, clean: true}
	default:
		return &source{p: p, notes: notes, wait: o.noStream}
	}
}

// rendered says that Markdown is to be drawn: on a terminal that can.
func (p *program) rendered(o askOptions) bool {
	return p.out.terminal && !o.raw && !p.style.dumb
}
