package provider

import "strings"

// Model is one model as users see it.
type Model struct {
	// Provider is the provider's id; Name the vendor's own name of the model.
	Provider string
	Name     string

	// Title is for people; empty means Name.
	Title string

	// Context is the window in tokens, prompt and answer together; Output the
	// most that one answer may have. Zero means unknown.
	Context int64
	Output  int64

	// Price is nil where it is unknown, which is said wherever a cost is shown.
	Price *Price

	Reasoning     bool // thinks before it answers
	Images        bool // takes images
	Tools         bool // calls tools
	NoTemperature bool // refuses a temperature

	// Small marks the provider's cheap model for titles and the like.
	Small bool

	// Listed says that the catalogue knows the model; a live or made-up one is
	// not listed.
	Listed bool
}

// ID is the name by which users address the model: provider/name.
func (m Model) ID() string { return m.Provider + "/" + m.Name }

// SplitID takes provider/name apart. The name may itself hold slashes
// (openrouter/meta-llama/llama-3). ok is false where there is no provider.
func SplitID(id string) (provider, name string, ok bool) {
	provider, name, ok = strings.Cut(id, "/")
	return provider, name, ok && provider != "" && name != ""
}
