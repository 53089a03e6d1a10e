package provider

import (
	"context"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// Provider is one vendor's API, or one dialect that many vendors speak.
//
// A Provider holds no keys: the Endpoint that comes with each call does. It is
// safe for concurrent use.
type Provider interface {
	// Stream begins one answer. It returns once the vendor has accepted the
	// request (the response's header is there), or with a fault:
	// ProviderAuth, ProviderRateLimited, ProviderQuota, ProviderOverloaded,
	// ProviderRefused, ProviderUnreachable, ProviderMalformed, ModelUnknown or
	// ContextTooLong, with RetryAfter where the vendor named it. It does not
	// retry. Cancelling ctx ends the stream and the vendor's work.
	Stream(ctx context.Context, to Endpoint, req *Request) (Stream, error)

	// Models asks the vendor which models this endpoint offers. What the vendor
	// does not tell (context, prices) is zero. Its faults are Stream's.
	Models(ctx context.Context, of Endpoint) ([]Model, error)
}

// Stream is one answer on its way. It is used by one goroutine.
type Stream interface {
	// Next stores the next event in ev, overwriting all of it. It returns
	// io.EOF after the vendor's own end marker, and only then: before it, a
	// Finish event has been delivered. An answer that ends without its marker
	// is a ProviderTruncated fault, what cannot be parsed ProviderMalformed, an
	// error that the vendor reports in mid-answer the fitting kind. Usage that
	// had become known before a fault was delivered before it.
	Next(ev *Event) error

	// Close ends the vendor's work and frees the connection. It may be called
	// more than once.
	Close() error
}

// Gatherer is a Stream that tells when it has given out all that has come, and
// can be read in larger pieces than it comes in.
type Gatherer interface {
	Stream

	// Gather is called once, after the answer's first token. From then on dry is
	// called before each read of the network: nothing is left to give out. It may
	// take its time, so that more gathers, unless there must be more already.
	Gather(dry func(more bool))
}

// Endpoint is where and as whom to call.
type Endpoint struct {
	// Provider is the id that users see: "anthropic", or the name an operator
	// gave to a compatible endpoint.
	Provider string

	// API picks the Provider that speaks to it.
	API API

	// BaseURL is the root of the API as the vendor's own SDK variable has it
	// (for OpenAI's dialects it ends in /v1); empty means the vendor's own
	// address. It has no trailing slash.
	BaseURL string

	// Key may be empty where the endpoint wants none (Ollama, demo).
	Key vault.Secret

	// KeyID names the key in the ledger: "env" for a terminal's or an
	// operator's variable, else the vault's id. Never the key.
	KeyID string

	// Owner says whose key it is: the user's own, the account's own, the server's;
	// empty: the one of the caller's terminal.
	Owner vault.OwnerKind

	// Guarded says that BaseURL is not the operator's word, nor the local owner's:
	// it is called only as far as the server's Reach goes.
	Guarded bool

	// mistake says that BaseURL is none, and what to write; nil: it may be
	// called.
	mistake *fault.Error

	// kept is the vault's key that is to be opened for a call, nil where Key is
	// there already; payer is who pays the provider, weight the key's share.
	kept   *vault.Key
	payer  payer
	weight int
}

// Own reports whether its key is the user's or the account's own: whoever calls
// with it pays the provider, and is not charged here.
func (e *Endpoint) Own() bool { return e.Owner == vault.OfUser || e.Owner == vault.OfAccount }

// payer is who pays the provider, in the order in which keys are taken. A call
// never goes from one to another: nobody pays for what was asked of others.
type payer uint8

const (
	terminal payer = iota // the owner of a local server, by the variables of a terminal
	user
	account
	operator
	nobody
)

// API names a dialect.
type API string

// The dialects.
const (
	Anthropic       API = "anthropic"        // Messages
	OpenAIResponses API = "openai-responses" // Responses
	OpenAIChat      API = "openai-chat"      // Chat Completions, spoken by many
	Gemini          API = "gemini"           // streamGenerateContent
	Demo            API = "demo"             // built in; no network
)
