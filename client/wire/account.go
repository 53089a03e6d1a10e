package wire

// Server says what answers.
type Server struct {
	Version   string `json:"version"`
	MinClient string `json:"min_client,omitempty"`
	Local     bool   `json:"local"`

	// PID is the process's id; only on a local server.
	PID int `json:"pid,omitempty"`
	// Running is how many turns run; only on a local server.
	Running int `json:"running,omitempty"`
	// Retiring says that it takes no new turns and exits when the last ends.
	Retiring bool `json:"retiring,omitempty"`
}

// Model is a model that may be asked.
type Model struct {
	ID       string `json:"id"` // provider/name
	Provider string `json:"provider"`
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`

	Context int64 `json:"context,omitempty"` // tokens; 0: unknown
	Output  int64 `json:"output,omitempty"`

	// Price is that of a short prompt today; null: unknown. Prices are all, where
	// there are several: those that hold today, by the length of prompts, then
	// those to come.
	Price  *Price      `json:"price"`
	Prices []PriceStep `json:"prices,omitempty"`

	Reasoning bool `json:"reasoning,omitempty"`
	Images    bool `json:"images,omitempty"`
	Tools     bool `json:"tools,omitempty"`

	// Usable says that there is a key for it here; Default that it is what a
	// new conversation gets.
	Usable  bool `json:"usable"`
	Default bool `json:"default,omitempty"`

	// Barred says that the caller's plan does not have the model, which is not
	// usable then; Plans are those that do.
	Barred bool     `json:"barred,omitempty"`
	Plans  []string `json:"plans,omitempty"`
}

// Price is in micro-dollars per million tokens.
type Price struct {
	Input       int64 `json:"input_microusd"`
	CachedRead  int64 `json:"cached_read_microusd"`
	CachedWrite int64 `json:"cached_write_microusd"`
	Output      int64 `json:"output_microusd"`
}

// ModelList is all models: the usable ones first.
type ModelList struct {
	Models []Model `json:"models"`
	// Problems says which provider's live list could not be had, and why.
	Problems []ModelProblem `json:"problems,omitempty"`
}

// ModelProblem is a provider that could not be asked.
type ModelProblem struct {
	Provider string `json:"provider"`
	Code     Code   `json:"code"`
	Detail   string `json:"detail"`
}

// SyncPage is a page of changes, in the order of revisions.
type SyncPage struct {
	Epoch         string         `json:"epoch"`
	Rev           int64          `json:"rev"` // ask for what is after this next
	More          bool           `json:"more"`
	Conversations []Conversation `json:"conversations"`
	Messages      []Message      `json:"messages"`
	Deleted       []string       `json:"deleted"` // conversations
}

// EventChanged is the one event of GET /api/v1/events: there is something to
// pull. Its id and data are the account's revision.
const EventChanged = "changed"

// Changed is EventChanged's data.
type Changed struct {
	Rev int64 `json:"rev"`
}
