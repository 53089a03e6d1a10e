package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
	"github.com/aichat-term/aichat/tui/figure"
)

// standing is what is known of the account's limits. The zero value knows
// nothing.
type standing struct {
	limits    *wire.Limits // nil: not known yet
	unmetered bool         // nothing is limited, and need not be asked about again
	asking    bool
	again     bool // to be asked once more: it may have changed meanwhile
	seq       int  // of the limits that came last

	// banner is that a level of a limit was passed, until the next question or
	// esc; warned says that the server has told of it since the limits were
	// asked for last.
	banner string
	warned bool

	// told are the levels that were passed already, each in its period.
	told map[period]int64
}

// period is one limit in one period.
type period struct {
	scope, subject, period, unit string
	ends                         int64
}

// ask reports whether the limits should be asked for now.
func (s *standing) ask() bool {
	if s.unmetered {
		return false
	}
	s.again = s.asking
	ask := !s.asking
	s.asking = true
	return ask
}

// warn puts up the server's own warning, which it gives once in a period.
func (s *standing) warn(text string) {
	s.warned = true
	s.add(text)
}

func (s *standing) add(text string) {
	if text = strings.TrimSpace(text); !strings.Contains(s.banner, text) {
		s.banner = strings.TrimSpace(s.banner + " " + text)
	}
}

// gotLimits takes over what is left.
func (a *App) gotLimits(msg limitsMsg) tea.Cmd {
	s := &a.allowance
	s.asking = false
	if msg.err != nil { // an older server has none; otherwise the next change asks again
		return nil
	}
	s.limits, s.unmetered = &msg.limits, !msg.limits.Metered
	s.seq++
	switch {
	case s.told == nil:
		s.tell(true, a.Now())
	case !s.again && !a.running(): // else the server may be about to tell of what passes a level now
		s.tell(s.warned, a.Now())
		s.warned = false
	}
	if s.again {
		return a.loadLimits()
	}
	return a.whenAnew()
}

// tell notes the levels that are passed, and puts those up that are new. Silent,
// it does not: those that our own questions passed the server has told, and those
// that were passed before the program began the status line shows.
func (s *standing) tell(silent bool, now time.Time) {
	told := make(map[period]int64, len(s.limits.Limits))
	for i := range s.limits.Limits {
		l := &s.limits.Limits[i]
		key := period{l.Scope, l.Subject, l.Period, l.Unit, l.ResetsAt.Unix()}
		told[key] = allowance.Level(l)
		if told[key] > s.told[key] && !silent {
			s.add(allowance.Reached(l, now))
		}
	}
	s.told = told
}

// whenAnew waits for the first limit to begin anew.
func (a *App) whenAnew() tea.Cmd {
	var first time.Time
	for _, l := range a.allowance.limits.Limits {
		if l.ResetsAt.After(a.Now()) && (first.IsZero() || l.ResetsAt.Before(first)) {
			first = l.ResetsAt
		}
	}
	if first.IsZero() {
		return nil
	}
	return a.awaitReset(first.Sub(a.Now())+time.Second, a.allowance.seq)
}

// left is what is left of the tightest limit, and whether that is little; empty:
// nothing is limited, or it is not known.
func (a *App) left() (text string, tight bool) {
	l := allowance.Tightest(a.allowance.limits, a.model())
	if l == nil {
		return "", false
	}
	return allowance.Brief(l), allowance.Tight(l)
}

// whenAgain says in the person's own time when what was refused may be had; empty
// where nobody knows, and where the server's seconds say enough.
func (a *App) whenAgain(f *Failure) string {
	const soon = 2 * time.Minute
	if f.Code != wire.QuotaExhausted && f.Code != wire.RateLimited || f.After < soon {
		return ""
	}
	then := "it resets"
	if f.Code == wire.RateLimited {
		then = "you may ask again"
	}
	return fmt.Sprintf(" In your time %s %s, in %s.", then, figure.At(a.Now().Add(f.After), a.Now()), figure.Span(f.After))
}
