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
		for _, row := range terminal.Wrap("Left of it: "+oneLine(allowance.Rest(l))+". "+allowance.Resets(l.ResetsAt, u.now), u.width) {
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
	return "\n" + u.wrapped("By what was used so far you would have now, with") + b.String()
}

// changed says what another plan would change where the own one is used up, or
// nearly, and what else of the other would be used up.
func changed(own, other *wire.Offer) (facts []string) {
	for i := range own.Standing {
		l := &own.Standing[i]
		if !allowance.Tight(l) {
			continue
		}
		if there := sameLimit(other.Standing, l); there != nil {
			facts = append(facts, allowance.Rest(there)+" left")
		} else {
			facts = append(facts, "no limit of "+allowance.Kind(l))
		}
	}
	for i := range other.Standing {
		l := &other.Standing[i]
		if here := sameLimit(own.Standing, l); allowance.Left(l) == 0 && (here == nil || !allowance.Tight(here)) {
			facts = append(facts, allowance.Rest(l)+" left")
		}
	}
	return facts
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
	ask := "ask the operator of the server."
	if u.offers.Contact != "" {
		ask = "ask: " + oneLine(u.offers.Contact)
	}
	others := u.others()
	switch {
	case u.offers.Role != "" && u.offers.Role != "owner":
		return u.wrapped("The owner of your account decides on its plan: ask them.")
	case len(others) == 0:
		return u.wrapped("This server offers no other plan. For more than this one has, " + ask)
	}
	var b strings.Builder
	b.WriteString(u.wrapped("To get another plan, " + ask))
	b.WriteString(u.wrapped(u.dim("The operator types on the server:")))
	for i := range others {
		if command := terminal.Line(others[i].Command); command != "" {
			b.WriteString(gutter + command + "\n") // whole, whatever the width: it is to be copied
		}
	}
	return b.String() + u.wrapped(u.dim("It holds from your next question on."))
}

func (u upgradePage) wrapped(text string) string {
	return strings.Join(terminal.Wrap(text, u.width), "\n") + "\n"
}
