package providertest

import (
	"net/http"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// Key is the key that the suite calls with, and Model the model it calls.
const (
	Key   = "test-key-0123456789"
	Model = "test-model-1"
)

// Vendor describes one vendor's API and the adapter that speaks it.
type Vendor struct {
	// Provider and API fill the Endpoint of each call.
	Provider string
	API      provider.API

	// New returns the adapter under test.
	New func(*http.Client) provider.Provider

	// Suffix is the path that a base URL of this vendor ends in ("/v1"), if any.
	Suffix string

	// Path is the path and query, Suffix included, to which an answer from a
	// model is asked for; Header the headers that every call must carry, with
	// Key wherever the key belongs.
	Path   func(model string) string
	Header map[string]string

	// Stream is how an answer looks on the wire: complete, and such that it is
	// incomplete without its last frame. Each text of the script is a delta in a
	// frame of its own, in plain UTF-8.
	Stream func(Script) []Frame

	// Noise is what the vendor may send between the frames of an answer without
	// changing it: pings, and event types that do not exist yet.
	Noise []Frame

	// StreamErrors are the errors the vendor reports within a stream; Refusals
	// those it answers a request with.
	StreamErrors []StreamError
	Refusals     []Refusal

	// Requests, Answers and Models are the golden cases.
	Requests []RequestCase
	Answers  []AnswerCase
	Models   []ModelsCase

	// Counts is how a vendor's own endpoint counts prompts; nil: it has none.
	Counts *CountCases
}

// Endpoint is the vendor's endpoint at the root of a test server.
func (v Vendor) Endpoint(root string) provider.Endpoint {
	return provider.Endpoint{
		Provider: v.Provider, API: v.API, BaseURL: root + v.Suffix,
		Key: vault.NewSecret(Key), KeyID: "env",
	}
}

// Script is an answer in no vendor's shape.
type Script struct {
	Text   []string
	Finish provider.FinishReason // Stop or Length

	// Usage is nil where the vendor is to report none. Its numbers may be
	// nonsense: they go onto the wire as they are, Input, CachedRead, Output and
	// Reasoning each where the vendor reports it.
	Usage *provider.Usage
}

// Frame is one event of a stream.
type Frame struct {
	Name string // empty: no event field
	Data string
}

// StreamError is an error within a stream.
type StreamError struct {
	Name   string
	Frames []Frame
	Want   fault.Kind
}

// Refusal is a documented error response.
type Refusal struct {
	Name   string
	Status int
	Header map[string]string
	Body   string

	Want       fault.Kind
	RetryAfter time.Duration

	// Says is a piece of the vendor's sentence that the user is to see.
	Says string
}

// RequestCase is a request and the JSON body it becomes: exactly that, with no
// field more or less.
type RequestCase struct {
	Name    string
	Request *provider.Request
	Body    string
}

// AnswerCase is a recorded stream and what it says.
type AnswerCase struct {
	Name   string
	Stream string // an event stream
	Header map[string]string
	Want   Result
}

// ModelsCase is what the vendor's list of models answers, page by page, and
// what comes of it.
type ModelsCase struct {
	Name  string
	Pages []Page
	Want  []provider.Model
}

// Page is one answer to a GET of Path (with its query, Suffix included).
type Page struct{ Path, Body string }

// newlineKey is a key as a careless shell script sets it.
var newlineKey = vault.NewSecret(Key + "\nX-Forged: 1")
