package provider

import (
	"strings"
	"time"
)

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

	// Price is what a short prompt costs as the model is found; nil where it is
	// unknown, which is said wherever a cost is shown. A call's own is PriceAt's.
	Price *Price

	// Prices are all that the catalogue knows: tiers and changes.
	Prices Prices

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

// PriceAt is what a call costs that is made at t with a prompt of so many tokens,
// cached ones included; nil: that is unknown.
func (m *Model) PriceAt(t time.Time, prompt int64) *Price {
	if len(m.Prices) == 0 {
		return m.Price
	}
	if p, ok := m.Prices.At(t, prompt); ok {
		return &p
	}
	return nil
}

// SplitID takes provider/name apart. The name may itself hold slashes
// (openrouter/meta-llama/llama-3). ok is false where there is no provider.
func SplitID(id string) (provider, name string, ok bool) {
	provider, name, ok = strings.Cut(id, "/")
	return provider, name, ok && provider != "" && name != ""
}
