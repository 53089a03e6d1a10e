package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
)

// notes are what is said beside the answer, on stderr: progress, notices,
// warnings and usage. They are said where stderr is a terminal, or with -v;
// never with -q. A long outage is said but for -q.
type notes struct {
	p       *program
	on      bool
	silent  bool // -q
	verbose bool
	moves   bool // a line may be taken back: a terminal that moves its cursor

	line  bool // a line of progress stands there
	begun time.Time
	first time.Time // of the text
}

func (p *program) notes(o askOptions) *notes {
	on := (p.err.terminal || o.verbose) && !o.quiet
	return &notes{p: p, on: on, silent: o.quiet, verbose: o.verbose, moves: on && p.err.terminal && !p.style.dumb, begun: p.now()}
}

// event notes what an event says beside the answer.
func (n *notes) event(ev client.Event) {
	switch {
	case ev.Turn != nil:
		n.progress(oneLine(ev.Turn.Model) + " is answering…")
	case ev.Delta != nil && ev.Delta.Type == wire.PartReasoning:
		if n.first.IsZero() {
			n.progress("thinking…")
		}
	case ev.Delta != nil && n.first.IsZero():
		n.first = n.p.now()
	case ev.Notice != nil:
		n.say(inert(ev.Notice.Text))
	case ev.Connection != nil && ev.Connection.Lost:
		n.progress(outageOf("the connection is lost", ev.Connection.Never))
	case ev.Connection != nil:
		n.quiet()
	}
}

// outage says that the connection has been lost for long: also where stderr is
// no terminal, since whoever waits for a pipe waits in vain. Where lines of
// progress are shown one says it already.
func (n *notes) outage(never bool) {
	if !n.silent && !n.moves {
		n.put("aichat: " + outageOf("the connection to the server is lost", never) + "\n")
	}
}

// outageOf says that a connection is lost, or that there never was one.
func outageOf(lost string, never bool) string {
	if never {
		lost = "the server does not answer"
	}
	return lost + ", trying again…"
}

// end sums up: a warning where there is one, the usage, the ids.
func (n *notes) end(a *answer) {
	if w := a.warning(); w != "" {
		n.say("warning: " + w)
	}
	if a.complete() {
		n.say(n.summary(a))
	}
}

// differs warns where what was shown, and cannot be taken back, is not what the
// server kept: it lost the last words of an answer when it was killed.
func (n *notes) differs(told *shown, a *answer) {
	if told.differs(a.text()) {
		n.say("warning: the server kept another text than was shown: see aichat chats show " + shortID(a.Conversation))
	}
}

// summary is the line after an answer.
func (n *notes) summary(a *answer) string {
	facts := []string{oneLine(a.model())}
	if u := a.End.Message.Usage; u != nil {
		about := ""
		if u.Estimated {
			about = "about "
		}
		facts = append(facts, fmt.Sprintf("%s%d tokens in, %d out", about, u.Input+u.CachedRead+u.CachedWrite, u.Output))
		if u.CostMicroUSD != nil {
			facts = append(facts, dollars(*u.CostMicroUSD))
		}
	}
	if n.verbose {
		facts = append(facts, fmt.Sprintf("%.1f s", n.p.now().Sub(n.begun).Seconds()))
		if !n.first.IsZero() {
			facts = append(facts, fmt.Sprintf("first text after %.1f s", n.first.Sub(n.begun).Seconds()))
		}
	}
	switch {
	case a.Conversation == "":
		facts = append(facts, "not saved")
	case n.verbose:
		facts = append(facts, "chat "+a.Conversation, "message "+a.Message)
	default:
		facts = append(facts, "chat "+shortID(a.Conversation))
	}
	return strings.Join(facts, " · ")
}

// dollars prints micro-dollars with as many digits as they need.
func dollars(micro int64) string {
	if micro > 0 && micro < 10_000 {
		return strings.TrimRight(fmt.Sprintf("$0.%06d", micro), "0")
	}
	return fmt.Sprintf("$%d.%02d", micro/1_000_000, micro/10_000%100)
}

// say writes a line that stays.
func (n *notes) say(text string) {
	if !n.on || text == "" {
		return
	}
	n.quiet()
	n.put(n.faint(text) + "\n")
}

// progress writes a line that goes when there is something to show.
func (n *notes) progress(text string) {
	if !n.moves {
		return
	}
	n.quiet()
	n.put(n.faint(terminal.Truncate(text, n.p.err.width()-1, "…")))
	n.line = true
}

// quiet takes the line of progress back. It is called before anything is
// written to stdout, which may be the same terminal.
func (n *notes) quiet() {
	if n.line {
		n.put("\r\x1b[K")
		n.line = false
	}
}

func (n *notes) faint(text string) string {
	if !n.p.style.notes {
		return text
	}
	return "\x1b[2m" + text + "\x1b[0m"
}

// put writes to stderr. That it cannot be written is no reason to stop: the
// answer does not depend on it.
func (n *notes) put(text string) { _ = write(n.p.err, text) }
