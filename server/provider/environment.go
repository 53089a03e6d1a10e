package provider

import (
	"errors"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// The vendors' own addresses, without a trailing slash.
const (
	AnthropicURL = "https://api.anthropic.com"
	OpenAIURL    = "https://api.openai.com/v1"
	GeminiURL    = "https://generativelanguage.googleapis.com"
)

// Ids of the providers that are known by name.
const (
	AnthropicID = "anthropic"
	OpenAIID    = "openai"
	GeminiID    = "gemini"
	OllamaID    = "ollama"
	DemoID      = "demo"
)

// EnvKeyID is the KeyID of a key that came from an environment.
const EnvKeyID = "env"

// KeyVariable names the variable in which users keep a provider's key; empty
// where there is none.
func KeyVariable(provider string) string {
	switch provider {
	case AnthropicID:
		return "ANTHROPIC_API_KEY"
	case OpenAIID:
		return "OPENAI_API_KEY"
	case GeminiID:
		return "GEMINI_API_KEY"
	}
	return ""
}

// FromEnvironment reads endpoints out of the vendors' own variables, in the
// order in which a default model is looked for. A vendor without a key is left
// out, unless its base URL points elsewhere: what stands there may want none.
//
// ollamaURL turns OLLAMA_HOST into a base URL; see openai.OllamaBaseURL. An
// endpoint whose address is none is returned too: a Directory refuses what is
// asked of it, and says what to write.
func FromEnvironment(env map[string]string, ollamaURL func(host string) (string, error)) []Endpoint {
	get := func(names ...string) string {
		for _, name := range names {
			if v := strings.TrimSpace(env[name]); v != "" {
				return v
			}
		}
		return ""
	}
	var found []Endpoint
	add := func(id string, api func(base string) API, own, key string) {
		base, mistake := meantBase(id, get(baseURLVariable(id)))
		if key == "" && (base == "" || base == own) {
			return
		}
		found = append(found, Endpoint{Provider: id, API: api(base), BaseURL: base, Key: vault.NewSecret(key), KeyID: EnvKeyID,
			mistake: mistake})
	}
	add(AnthropicID, always(Anthropic), AnthropicURL, get("ANTHROPIC_API_KEY"))
	add(OpenAIID, OpenAIAt, OpenAIURL, get("OPENAI_API_KEY"))
	add(GeminiID, always(Gemini), GeminiURL, get("GEMINI_API_KEY", "GOOGLE_API_KEY"))
	if host := get("OLLAMA_HOST"); host != "" {
		found = append(found, ollamaAt(host, ollamaURL))
	}
	return found
}

func always(api API) func(string) API { return func(string) API { return api } }

func ollamaAt(host string, ollamaURL func(host string) (string, error)) Endpoint {
	e := Endpoint{Provider: OllamaID, API: OpenAIChat, KeyID: EnvKeyID}
	base, err := ollamaURL(host)
	if e.BaseURL = base; err == nil {
		return e
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		e.mistake = f
	} else {
		e.mistake = fault.Wrap(err, fault.Invalid, "OLLAMA_HOST cannot be used.")
	}
	return e
}

// OpenAIAt is the dialect that is spoken at a base URL unless somebody says
// otherwise: Responses at OpenAI's own address (or none), Chat Completions
// everywhere else, where Responses is rarely spoken.
func OpenAIAt(baseURL string) API {
	if base := strings.TrimRight(baseURL, "/"); base == "" || base == OpenAIURL {
		return OpenAIResponses
	}
	return OpenAIChat
}

// ownAddress reports whether an endpoint is the vendor's own.
func ownAddress(e Endpoint) bool {
	switch strings.TrimRight(e.BaseURL, "/") {
	case "", AnthropicURL, OpenAIURL, GeminiURL:
		return true
	}
	return false
}
