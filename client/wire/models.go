package wire

// PriceStep is one of a model's prices, in micro-dollars per million tokens: for
// which prompts it holds, and since when.
type PriceStep struct {
	Input           int64 `json:"input_microusd"`
	CachedRead      int64 `json:"cached_read_microusd"`
	CachedWrite     int64 `json:"cached_write_microusd"`
	CachedWriteLong int64 `json:"cached_write_long_microusd,omitempty"` // kept for an hour; 0: as the others
	Output          int64 `json:"output_microusd"`

	// Above is the tier: the price is for prompts of more than so many tokens, and
	// then for the whole call. From is the day, such as 2027-01-01 (UTC), since
	// when, or from when on, it holds; empty: always.
	Above int64  `json:"above,omitempty"`
	From  string `json:"from,omitempty"`
}

// PathAdminModels are the models, for the operator.
const PathAdminModels = "/admin/v1/models"

// OperatorModel is a model as the operator sees it.
type OperatorModel struct {
	ID      string `json:"id"` // provider/name
	Title   string `json:"title,omitempty"`
	Context int64  `json:"context,omitempty"` // tokens; 0: unknown
	Output  int64  `json:"output,omitempty"`

	// Origin says how the model is known: OriginBuiltIn, OriginFile or OriginLive.
	Origin string `json:"origin"`

	Reasoning bool `json:"reasoning,omitempty"`
	Images    bool `json:"images,omitempty"`
	Tools     bool `json:"tools,omitempty"`
	Small     bool `json:"small,omitempty"` // for titles and the like

	// Usable says that there is a key of the server's for it; Default that it is
	// what a new conversation gets.
	Usable  bool `json:"usable"`
	Default bool `json:"default,omitempty"`

	// Prices are those that hold today, by the length of prompts, then those to
	// come; none: they are unknown.
	Prices []PriceStep `json:"prices"`

	Plans []string   `json:"plans"` // the plans that have it
	Keys  []ModelKey `json:"keys"`  // those of the server that serve it
}

// How a model is known.
const (
	OriginBuiltIn = "built-in" // the catalogue that comes with the server
	OriginFile    = "file"     // the operator's own
	OriginLive    = "live"     // its provider's list
)

// ModelKey is a key that serves a model; never the key itself.
type ModelKey struct {
	ID       string `json:"id"`                 // as the ledger names it
	BaseURL  string `json:"base_url,omitempty"` // empty: the vendor's own address
	Disabled bool   `json:"disabled,omitempty"`
}

// OperatorModelList is all models: the usable ones first.
type OperatorModelList struct {
	Models   []OperatorModel `json:"models"`
	Problems []ModelProblem  `json:"problems,omitempty"`
}
