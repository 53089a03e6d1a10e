package quota

import (
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// more says what somebody can do who needs more than the plan has: which plans
// would help, and how to come by one.
func (h *Hold) more(helping []string) string {
	switch len(helping) {
	case 0:
		return "No plan that this server offers would help: ask your operator."
	case 1:
		return "The plan " + helping[0] + " allows more. " + h.toGet("it")
	}
	return "The plans " + strings.Join(helping, ", ") + " allow more. " + h.toGet("one of them")
}

// helping are the plans that are offered and would help, as people know them.
func (h *Hold) helping(helps func(*Plan) bool) (names []string) {
	if h.plans == nil {
		return nil
	}
	offered := h.plans.Offered().all
	for i := range offered {
		if helps(&offered[i]) {
			names = append(names, offered[i].name())
		}
	}
	return names
}

// toGet is how another plan is come by.
func (h *Hold) toGet(which string) string {
	if h.role.AtLeast(identity.Owner) {
		return "To get " + which + ", type: aichat upgrade"
	}
	return "The owner of your account decides on its plan."
}

// tooFast adds to a pacer's refusal which plans let more in, where there are any:
// without one, waiting helps.
func (h *Hold) tooFast(err error) error {
	if !fault.Is(err, fault.RateLimited) {
		return err
	}
	refusal := *fault.Of(err)
	now := h.terms.Rates.of(refusal.Subject)
	helping := h.helping(func(other *Plan) bool {
		rate := other.Rates.of(refusal.Subject)
		return now > 0 && (rate == 0 || rate > now) && (h.free || other.Allows(h.Model))
	})
	if len(helping) == 0 {
		return err
	}
	refusal.Message += " " + h.more(helping)
	return &refusal
}
