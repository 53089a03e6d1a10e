package quota

import (
	"slices"
	"strings"
)

// Plan is what an account may use. The zero Plan limits nothing.
type Plan struct {
	Name  string // as accounts refer to it
	Title string // for people; empty: Name

	// Private says that the plan is not offered: who has it sees it, and nobody else.
	Private bool

	// Models are the models that may be asked: provider/name, or a beginning of
	// it and a star. None: all.
	Models []string

	// ReserveOutput is the most output, in tokens, that is reserved for one call,
	// whatever it may write; zero: defaultReserve. See Worst.
	ReserveOutput int64

	Limits []Limit
	Rates  Rates
}

// defaultReserve is the ReserveOutput of a plan that does not say: a long answer.
const defaultReserve = 4096

// Limit is the most that may be used in one period.
type Limit struct {
	Scope  Scope
	Period Period
	Unit   Unit
	Most   int64 // 0: nothing at all

	// Only, for ForModel, names the models that the limit is for, each apart, as
	// Plan.Models does; empty: every one.
	Only string
}

// name is how people call the plan.
func (p *Plan) name() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Name
}

// Allows reports whether the plan has the model.
func (p *Plan) Allows(model string) bool {
	return len(p.Models) == 0 || slices.ContainsFunc(p.Models, func(pattern string) bool { return matches(pattern, model) })
}

// matches reports whether a pattern stands for the model.
func matches(pattern, model string) bool {
	beginning, open := strings.CutSuffix(pattern, "*")
	if open {
		return strings.HasPrefix(model, beginning)
	}
	return pattern == model
}

func (p *Plan) reserve() int64 {
	if p.ReserveOutput > 0 {
		return p.ReserveOutput
	}
	return defaultReserve
}

// appliesTo reports whether the limit holds for a subject of a counter.
func (l Limit) appliesTo(c Counter) bool {
	return l.Scope == c.Scope && l.Period == c.Period && (l.Only == "" || matches(l.Only, c.Subject))
}

// Most is what the plan's limits allow on one counter; Unlimited where none is
// for it. Of several the lowest holds.
func (p *Plan) Most(c Counter) Amount {
	most := NoLimit()
	for _, l := range p.Limits {
		if l.appliesTo(c) {
			most = most.lowered(l.Unit, l.Most)
		}
	}
	return most
}

// Rates limit how fast an account may ask. Zero fields limit nothing.
type Rates struct {
	RequestsPerMinute int64
	TokensPerMinute   int64

	// Streams is how many answers an account may have running at once,
	// SessionStreams how many one of its sessions or tokens may.
	Streams        int64
	SessionStreams int64
}
