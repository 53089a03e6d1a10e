package main

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
	"github.com/aichat-term/aichat/tui/terminal"
)

// upgradePage draws the plans for people.
type upgradePage struct {
	offers *wire.Offers
	server string
	canvas
}

func (u upgradePage) text() string {
	return u.head() + "\n" + plansText(u.offers.Plans, u.canvas) + u.changes() + "\n" + u.how()
}

// own is the plan that one has; nil: the server did not say.
func (u upgradePage) own() *wire.Offer {
	at := slices.IndexFunc(u.offers.Plans, func(o wire.Offer) bool { return o.Current })
	if at < 0 {
		return nil
	}
	return &u.offers.Plans[at]
}

// others are the plans that one has not.
func (u upgradePage) others() []wire.Offer {
	return slices.DeleteFunc(slices.Clone(u.offers.Plans), func(o wire.Offer) bool { return o.Current })
}

func (u upgradePage) head() string {
	own := u.own()
	if own == nil {
		return u.wrapped("The plans at " + oneLine(u.server) + ":")
	}
	has := "At " + oneLine(u.server) + " you have the plan " + u.bold(planTitle(own))
	if len(own.Limits)+len(own.Models) == 0 && own.Rates == (wire.Rates{}) {
		return u.wrapped(has + ", which limits nothing.")
	}
	return u.wrapped(has+".") + u.usedUp(own)
}

// usedUp says which limits are used up, or nearly.
func (u upgradePage) usedUp(own *wire.Offer) string {
	var b strings.Builder
	for i := range own.Standing {
		l := &own.Standing[i]
		if !allowance.Tight(l) {
			continue
		}
		paint := u.mark
		if allowance.Left(l) == 0 {
			paint = u.bad
		}
		for _, row := range terminal.Wrap("Left: "+oneLine(allowance.Rest(l))+". "+allowance.Resets(l.ResetsAt, u.now), u.width) {
			b.WriteString(paint(row) + "\n")
		}
	}
	if b.Len() == 0 && len(own.Standing) > 0 {
		return u.wrapped("None of its limits is used up, or nearly.")
	}
	return b.String()
}

// changes says what each of the other plans would change, by what was used so
// far; nothing where nobody needs to know.
func (u upgradePage) changes() string {
	own := u.own()
	if own == nil {
		return ""
	}
	others := u.others()
	margin := 0
	for i := range others {
		margin = max(margin, min(terminal.Width(planTitle(&others[i])), u.width/4))
	}
	var b strings.Builder
	for i := range others {
		name := terminal.Pad(planTitle(&others[i]), margin, u.dots)
		for _, fact := range changed(own, &others[i]) {
			for _, row := range terminal.Wrap(oneLine(fact), u.width-margin-2*len(gutter)) {
				b.WriteString(gutter + name + gutter + row + "\n")
				name = strings.Repeat(" ", margin)
			}
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n" + u.wrapped("What another plan would mean now, with what you have used so far:") + b.String()
}

// changed says what another plan would change where the own one is used up, or
// nearly, and what else of the other would be used up.
func changed(own, other *wire.Offer) (facts []string) {
	tell := func(l *wire.Limit) {
		if fact := under(other, l); !slices.Contains(facts, fact) {
			facts = append(facts, fact)
		}
	}
	for i := range own.Standing {
		if l := &own.Standing[i]; allowance.Tight(l) {
			tell(l)
		}
	}
	for i := range other.Standing {
		l := &other.Standing[i]
		if here := sameLimit(own.Standing, l); allowance.Left(l) == 0 && (here == nil || !allowance.Tight(here)) {
			tell(l)
		}
	}
	return facts
}

// under says what there is under a plan of what a limit, its own or another's, is on.
func under(o *wire.Offer, l *wire.Limit) string {
	if l.Scope == "model" && !hasAnyOf(o, l.Subject) {
		return "does not have " + l.Subject
	}
	if there := sameLimit(o.Standing, l); there != nil {
		return allowance.Rest(there) + " left"
	}
	return "no limit of " + allowance.Kind(l)
}

// sameLimit is the limit of another plan on the same; nil: it has none.
func sameLimit(all []wire.Limit, l *wire.Limit) *wire.Limit {
	at := slices.IndexFunc(all, func(other wire.Limit) bool {
		return other.Scope == l.Scope && other.Subject == l.Subject && other.Period == l.Period && other.Unit == l.Unit
	})
	if at < 0 {
		return nil
	}
	return &all[at]
}

// how says how one comes by another plan.
func (u upgradePage) how() string {
	others := u.others()
	switch {
	case u.offers.Role != "" && u.offers.Role != "owner":
		return u.wrapped("The owner of your account decides on its plan: ask them.")
	case len(others) == 0:
		return u.ask("This server offers no other plan. For more than this one has, ")
	}
	text := u.ask("To get another plan, ")
	var commands strings.Builder
	for i := range others {
		if command := terminal.Line(others[i].Command); command != "" {
			commands.WriteString(gutter + command + "\n") // whole, whatever the width: it is to be copied
		}
	}
	if commands.Len() > 0 {
		text += u.wrapped(u.dim("The operator types on the server:")) + commands.String()
	}
	return text + u.wrapped(u.dim("It holds from your next question on."))
}

// ask says whom to ask for what. An address has a line of its own, whole, whatever
// the width, as it is to be copied.
func (u upgradePage) ask(what string) string {
	contact := oneLine(u.offers.Contact)
	if contact == "" {
		return u.wrapped(what + "ask the operator of the server.")
	}
	return u.wrapped(what+"ask:") + gutter + contact + "\n"
}

func (u upgradePage) wrapped(text string) string {
	return strings.Join(terminal.Wrap(text, u.width), "\n") + "\n"
}
