package provider

import (
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// Kept is the endpoint that a key of the vault opens. The ledger knows it by the
// key's id. It is guarded where its address is not the operator's word.
func Kept(k *vault.Key, secret vault.Secret) Endpoint {
	e := Endpoint{Provider: k.Provider, API: API(k.API), BaseURL: k.BaseURL, Key: secret, KeyID: string(k.ID),
		Owner: k.Owner.Kind, Guarded: k.Own() && k.BaseURL != ""}
	if e.API == "" {
		e.API = usualAPI(k.Provider, k.BaseURL)
	}
	return e
}

// usualAPI is the dialect that is spoken where nobody says which.
func usualAPI(provider, baseURL string) API {
	switch provider {
	case AnthropicID:
		return Anthropic
	case GeminiID:
		return Gemini
	case OpenAIID:
		return OpenAIAt(baseURL)
	}
	return OpenAIChat
}

// longestName bounds a provider's name, in bytes.
const longestName = 40

// CheckKept checks where a key that is to be kept leads, and writes the address
// as it is meant: without a trailing slash and without what the program puts behind
// it anyway. Its faults are Invalid, with the field's name on the wire as their
// Subject.
func CheckKept(k *vault.Key) error {
	if err := checkName(k.Provider); err != nil {
		return err
	}
	switch API(k.API) {
	case "", Anthropic, OpenAIResponses, OpenAIChat, Gemini:
	default:
		return fault.Field("api", "The dialect is one of anthropic, openai-responses, openai-chat and gemini.")
	}
	base, err := vault.CheckBaseURL(k.BaseURL)
	if err != nil {
		return err
	}
	k.BaseURL = trimOperation(k.Provider, base)
	if k.BaseURL == "" && usualURL(k.Provider) == "" {
		return fault.Field("base_url", "The base URL is missing: %s is none of anthropic, openai and gemini, so say where it is.", k.Provider)
	}
	if k.BaseURL == usualURL(k.Provider) {
		k.BaseURL = "" // the vendor's own, which may move
	}
	return nil
}

// checkName takes what begins the id of a model, and is easily typed.
func checkName(name string) error {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}
	switch {
	case name == DemoID:
		return fault.Field("provider", "The built-in model's name cannot be given away.")
	case name == "" || len(name) > longestName || strings.ContainsFunc(name, odd):
		return fault.Field("provider", "A provider's name is made of small letters, digits, dots, dashes and underscores, %d at most.", longestName)
	}
	return nil
}

// usualURL is a vendor's own address; empty for others.
func usualURL(provider string) string {
	switch provider {
	case AnthropicID:
		return AnthropicURL
	case OpenAIID:
		return OpenAIURL
	case GeminiID:
		return GeminiURL
	}
	return ""
}

// trimOperation takes off a base URL what is put behind it anyway.
func trimOperation(provider, base string) string {
	if base == usualURL(provider) {
		return base
	}
	for _, operation := range operations(provider) {
		if shorter, found := strings.CutSuffix(base, operation); found {
			return strings.TrimRight(shorter, "/")
		}
	}
	return base
}
