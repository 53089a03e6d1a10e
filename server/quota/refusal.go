package quota

import (
	"fmt"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/usage"
)

// exhausted is the fault that a limit is used up: which, how far, until when, and
// what to do for more.
func (h *Hold) exhausted(c Cap, b Balance, unit Unit, more string) error {
	ends := c.Period.Around(h.At, h.Anchor).Ends
	worst := h.Worst.Amount.Of(unit)
	var s strings.Builder
	fmt.Fprintf(&s, "The plan %s allows %s %s%s: %s used", h.plan, Quantity(unit, c.Most.Of(unit)), per(c.Period), whose(c.Counter), Quantity(unit, b.Used.Of(unit)))
	if held := b.Held.Of(unit); held > 0 {
		fmt.Fprintf(&s, ", %s held for answers that run", Quantity(unit, held))
	}
	if unit != Messages && b.taken().Of(unit) < c.Most.Of(unit) {
		fmt.Fprintf(&s, ", and this question may take %s", Quantity(unit, worst))
	}
	if worst > c.Most.Of(unit) && c.Most.Of(unit) > 0 {
		s.WriteString(", more than there ever is: shorten it, or choose a cheaper model. " + more)
		return &fault.Error{Kind: fault.QuotaExhausted, Subject: c.limit(unit), Message: s.String()}
	}
	fmt.Fprintf(&s, ". It resets on %s. %s", ends.Format("2006-01-02 at 15:04 MST"), more)
	return &fault.Error{Kind: fault.QuotaExhausted, Subject: c.limit(unit), Message: s.String(),
		RetryAfter: max(time.Second, ends.Sub(h.At))}
}

// limit names a limit for programs: scope, period and unit.
func (c Counter) limit(unit Unit) string {
	return string(c.Scope) + "." + string(c.Period) + "." + string(unit)
}

func per(p Period) string {
	if p == Day {
		return "a day"
	}
	return "a month"
}

// whose says whom a limit is for, where that is not the account.
func whose(c Counter) string {
	switch c.Scope {
	case ForAccount:
	case ForMember:
		return " for each member"
	case ForModel:
		return " of " + c.Subject
	case ForKey:
		return " with the key " + c.Subject
	}
	return ""
}

// Quantity is so much of a unit, for people.
func Quantity(u Unit, n int64) string {
	switch u {
	case Messages:
		return quantityOf(n, "message")
	case Tokens:
		return quantityOf(n, "token")
	case MicroUSD:
		return dollars(n)
	}
	return usage.Grouped(n)
}

// dollars are micro-dollars with two digits behind the point, or as many as there
// are.
func dollars(microUSD int64) string {
	const million = 1_000_000
	part := strings.TrimRight(fmt.Sprintf("%06d", microUSD%million), "0")
	return "$" + usage.Grouped(microUSD/million) + "." + part + strings.Repeat("0", max(0, 2-len(part)))
}
