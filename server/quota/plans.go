package quota

import (
	_ "embed"
	"slices"
)

// Plans are all plans there are. They are not changed once they are made.
type Plans struct{ all []Plan } // as in the file

// BuiltIn is the text of the plans that stand where the operator gives none.
//
//go:embed plans.toml
var BuiltIn []byte

// NewPlans makes Plans of a list, for those who do not read them from a file.
func NewPlans(all ...Plan) *Plans { return &Plans{all} }

// All lists the plans in their order.
func (p *Plans) All() []Plan { return slices.Clone(p.all) }

// Offered are the plans that anybody may hear of.
func (p *Plans) Offered() *Plans {
	return &Plans{slices.DeleteFunc(p.All(), func(plan Plan) bool { return plan.Private })}
}

// Find returns the plan of that name.
func (p *Plans) Find(name string) (*Plan, bool) {
	for i := range p.all {
		if p.all[i].Name == name {
			return &p.all[i], true
		}
	}
	return nil, false
}

// Names lists the plans' names.
func (p *Plans) Names() []string {
	names := make([]string, len(p.all))
	for i := range p.all {
		names[i] = p.all[i].Name
	}
	return names
}
