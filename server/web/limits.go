package web

import (
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/visitor"
)

// limits bound what strangers may do how often. A person notices none of them.
type limits struct {
	forms       visitor.Limiter // any form, by network
	formsAround visitor.Limiter // the same, by site

	// A user code is one of 20^8. At these rates a network that guesses for the
	// ten minutes that a code lives finds one of a thousand that wait with a
	// chance of one in 190 000 (RFC 8628, section 5.1).
	guesses       visitor.Limiter // by network
	guessesWithin visitor.Limiter // by browser
	guessesAround visitor.Limiter // by site: 65 536 networks are one customer's

	letters       visitor.Limiter // codes by e-mail, by the network that asks
	lettersAround visitor.Limiter // the same, by site
	mailboxes     visitor.Limiter // codes by e-mail, by the mailbox
	codes         visitor.Limiter // tries of such codes, by network; each has five besides

	// Wrong codes, by mailbox: a code has five tries, but whoever asks for one
	// after the other has as many as there are letters. At this rate, and from
	// however many networks, a day's guesses find the code of a mailbox with a
	// chance of one in 8 000.
	misses visitor.Limiter
}

func newLimits(made visitor.Limits) limits {
	limit := func(name string, burst int, every time.Duration) visitor.Limiter {
		return made(name, visitor.Rate{Burst: burst, Every: every})
	}
	return limits{
		forms:         limit("form", 60, time.Second),
		formsAround:   limit("form_site", 300, 200*time.Millisecond),
		guesses:       limit("guess", 30, 6*time.Second),
		guessesWithin: limit("guess_browser", 15, 6*time.Second),
		guessesAround: limit("guess_site", 120, 1500*time.Millisecond),
		letters:       limit("letter", 10, time.Minute),
		lettersAround: limit("letter_site", 40, 15*time.Second),
		mailboxes:     limit("mailbox", 5, 3*time.Minute),
		codes:         limit("code", 20, 10*time.Second),
		misses:        limit("miss", 20, 15*time.Minute),
	}
}

// take counts one, or returns RateLimited with how long to wait.
func take(l visitor.Limiter, key string) error {
	return tooOften(l.Take(key))
}

// tooOften is the fault of one who has to wait; nil: there is nothing to wait
// for.
func tooOften(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.RateLimited, RetryAfter: wait,
		Message: "That was too often in a short time. Wait a little, then try again."}
}

// takeForm counts one form, or an answer of a provider: what may leave something
// behind, if only a line in the log of security events.
func (x *exchange) takeForm() error {
	if err := take(x.limits.forms, x.network()); err != nil {
		return err
	}
	return take(x.limits.formsAround, visitor.Site(x.visit.Seen.Address))
}

// network is the key of where the exchange comes from.
func (x *exchange) network() string { return visitor.Network(x.visit.Seen.Address) }
