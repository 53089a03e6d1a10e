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
	most, worst := c.Most.Of(unit), h.Worst.Amount.Of(unit)
	f := &fault.Error{Kind: fault.QuotaExhausted, Subject: c.limit(unit)}
	var s strings.Builder
	fmt.Fprintf(&s, "The plan %s allows %s %s%s", h.plan, Quantity(unit, most), per(c.Period), whose(c.Counter))
	if worst > most {
		f.Message = s.String() + h.never(c, unit) + more
		return f
	}
	fmt.Fprintf(&s, ": %s used", Quantity(unit, b.Used.Of(unit)))
	if held := b.Held.Of(unit); held > 0 {
		fmt.Fprintf(&s, ", %s held for answers that run", Quantity(unit, held))
	}
	if unit != Messages && b.taken().Of(unit) < most {
		fmt.Fprintf(&s, ", and this question may take %s", Quantity(unit, worst))
	}
	ends := c.Period.Around(h.At, h.Anchor).Ends
	f.Message = s.String() + ". " + resets(ends) + more
	f.RetryAfter = max(time.Second, ends.Sub(h.At))
	return f
}

// never says of a question that does not fit a limit of which nothing is used that
// waiting does not help, and what would.
func (h *Hold) never(c Cap, unit Unit) string {
	const stays = ": waiting does not help. "
	most := c.Most.Of(unit)
	if most <= 0 {
		if c.Scope == ForModel {
			return stays + "Choose another model. "
		}
		return stays
	}
	helps := []string{"Shorten it"}
	if unit == MicroUSD || h.Worst.Prompt < most {
		helps = append(helps, "ask for a shorter answer (aichat ask --max-tokens 100)")
	}
	switch {
	case c.Scope == ForModel:
		helps = append(helps, "choose another model")
	case unit == MicroUSD:
		helps = append(helps, "choose a cheaper model")
	}
	return ", and this question alone may take " + Quantity(unit, h.Worst.Amount.Of(unit)) + stays + strings.Join(helps, ", or ") + ". "
}

// resets says when a limit begins anew, in UTC: the person's own zone their program
// knows.
func resets(at time.Time) string {
	return at.UTC().Format("It resets on 2006-01-02 at 15:04 MST. ")
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
		return usage.Exact(n)
	}
	return usage.Grouped(n)
}
