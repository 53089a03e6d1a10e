package quota

import (
	"cmp"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// Hold is what a call may use at most, to be reserved with the turn's beginning
// and settled with its end. A nil Hold is that of a call which is not metered:
// its methods do nothing.
//
// Its fields are not changed once it is made. Leave or Cancel must be called,
// once, whatever becomes of the call.
type Hold struct {
	Account identity.AccountID

	// ID names the reservation within the account. For an answer that is saved it
	// is the turn's, so that whoever ends the turn knows it; any other is the
	// server's own, since a client may use an id for several calls.
	ID   string
	Kind usage.Kind

	// Conversation is for the ledger, where the process dies with the call.
	Conversation string

	Subjects
	Price *provider.Price // the model's, for a prompt of that length; nil: unknown

	// At is the moment whose periods the call counts in, Anchor the day on which
	// the account's months begin.
	At     time.Time
	Anchor int

	Worst Worst

	// Unseen says that the hold was made without looking at what is left. It stands
	// only where every limit leaves Whole, what the call takes if it writes all that
	// it may: then looking would not have changed it. Else it is ErrUnseen.
	Unseen bool
	Whole  Amount

	// Caps are the counters to hold in, in their order, each with the most that
	// may be taken of it.
	Caps []Cap

	// Expires is after how long the reservation may be settled by anybody, unless
	// a running turn stands for it.
	Expires time.Duration

	plan  string // as people know it
	terms *Plan  // what it says; nil: nobody has asked it
	plans *Plans // among which it is; nil: nobody has asked
	role  identity.Role
	pass  Pass

	// free says that nothing is held or charged: whoever asks pays the provider. The
	// paces hold all the same.
	free bool
}

// Cap is a counter and what its limits allow.
type Cap struct {
	Counter
	Most Amount
}

// How long reservations stand: those of turns and of ephemeral answers, longer
// than any answer takes, and those of titles and the like.
const (
	answerExpires = time.Hour
	choreExpires  = 5 * time.Minute
)

// ErrUnseen says of a hold that was made without looking at what is left that this
// should be looked at: admit the call again with Ask.Look.
var ErrUnseen = fault.New(fault.Unavailable, "What is left of the plan is being used by other questions; try again in a moment.")

// Least is what every limit must leave for the hold to stand.
func (h *Hold) Least() Amount {
	if h.Unseen {
		return h.Whole
	}
	return h.Worst.Amount
}

// Kept lets go of what only reserving needs, while thousands of answers stream.
func (h *Hold) Kept() {
	if h != nil {
		h.Caps = nil
	}
}

// Leave says that the call has ended and what it used, in tokens, so that the
// next may come. It has nothing to do with what is stored.
func (h *Hold) Leave(tokens int64) {
	if h != nil && h.pass != nil {
		h.pass.Leave(tokens)
	}
}

// Cancel says that the call was never made.
func (h *Hold) Cancel() {
	if h != nil && h.pass != nil {
		h.pass.Cancel()
	}
}

// Charged reports whether the call counts against limits.
func (h *Hold) Charged() bool { return h != nil && !h.free }

// Reserved is the hold if there is something to reserve and to settle; nil: there
// is not.
func (h *Hold) Reserved() *Hold {
	if !h.Charged() {
		return nil
	}
	return h
}

// Name is the reservation's id; empty where there is none.
func (h *Hold) Name() string {
	if !h.Charged() {
		return ""
	}
	return h.ID
}

// Covers reports whether the call may go by that way too: the plan has its model,
// and no limit of the model's or the key's own, in which nothing is held, could be
// exceeded by it.
func (h *Hold) Covers(way *provider.Route) bool {
	if !h.Charged() || h.terms == nil {
		return true
	}
	if !h.terms.Allows(way.Model.ID()) {
		return false
	}
	there := h.Subjects
	there.Model, there.Key = way.Model.ID(), way.Endpoint.KeyID
	for _, c := range there.Counters(Day.Around(h.At, h.Anchor).Starts, Month.Around(h.At, h.Anchor).Starts) {
		if h.terms.Most(c) != NoLimit() && !h.holdsIn(c) {
			return false
		}
	}
	return true
}

func (h *Hold) holdsIn(c Counter) bool {
	return slices.ContainsFunc(h.Caps, func(held Cap) bool { return held.Counter == c })
}

// OutputWithin is the most output to ask the provider for where usual is what it
// would be asked for, or would write at most; 0 in both means that nobody knows.
func (h *Hold) OutputWithin(usual int64) int64 {
	if !h.Charged() || h.Worst.MaxOutput == 0 {
		return usual
	}
	if h.Worst.MaxOutput >= cmp.Or(usual, longestOutput) {
		return usual
	}
	return h.Worst.MaxOutput
}

// fits reports whether the worst case fits what the limits leave of a balance,
// and if not which unit does not.
func (c Cap) fits(b Balance, worst Amount) (Unit, bool) {
	taken := b.taken()
	for _, u := range Units() {
		if most := c.Most.Of(u); most < Unlimited && taken.Of(u)+worst.Of(u) > most {
			return u, false
		}
	}
	return "", true
}

// Refusal is why the hold does not fit the balances as they stand: the fault to
// tell, nil where it fits all of them. A counter without a balance is empty.
func (h *Hold) Refusal(balances []Balance) error {
	for _, c := range h.Caps {
		b := balanceOf(balances, c.Counter)
		if unit, fits := c.fits(b, h.Worst.Amount); !fits {
			return h.exhausted(c, b, unit, h.more(h.helping(func(other *Plan) bool { return h.fitsUnder(other, balances) })))
		}
	}
	return nil
}

// fitsUnder reports whether another plan would let the call in, as the balances
// stand.
func (h *Hold) fitsUnder(other *Plan, balances []Balance) bool {
	if !other.Allows(h.Model) {
		return false
	}
	for _, c := range h.Caps {
		c.Most = other.Most(c.Counter)
		if _, fits := c.fits(balanceOf(balances, c.Counter), h.Worst.Amount); !fits {
			return false
		}
	}
	return true
}

// TooMany is the fault for a hold that did not fit at the moment, and does now.
func (h *Hold) TooMany() error {
	return &fault.Error{Kind: fault.RateLimited, RetryAfter: time.Second,
		Message: "Other questions took what was left of the plan " + h.plan + " at this moment; try again."}
}

func balanceOf(all []Balance, c Counter) Balance {
	for _, b := range all {
		if b.Compare(c) == 0 {
			return b
		}
	}
	return Balance{Counter: c}
}
