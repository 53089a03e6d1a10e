package wire

// PathPlans are the plans that the server offers.
const PathPlans = "/api/v1/plans"

// Offers are the plans that an account may have, in the order of the operator's
// file.
type Offers struct {
	// Metered is false where nothing is limited, as for a local server's owner:
	// the rest is empty then.
	Metered bool `json:"metered"`

	// Plans holds the account's own, too.
	Plans []Offer `json:"plans"`

	// Role is the caller's in the account, on whose plan its owner decides.
	Role string `json:"role,omitempty"`

	// Contact is whom to ask for another plan: an e-mail address or a URL; empty:
	// the operator has not said.
	Contact string `json:"contact,omitempty"`
}

// Offer is a plan, and how the account would stand under it.
type Offer struct {
	PlanTerms
	Current bool `json:"current"` // it is the account's own

	// Standing is what Limits would be of the plan: each of its limits by what has
	// been used already.
	Standing []Limit `json:"standing"`

	// Command is what the operator types to give the account the plan; empty where
	// it has it, or where another than the caller decides on it.
	Command string `json:"command,omitempty"`
}
