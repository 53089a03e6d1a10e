package wire

import (
	"net/url"
	"strings"
)

// Paths of the native API.
const (
	PathConversations = "/api/v1/conversations"
	PathTurns         = "/api/v1/turns"
	PathModels        = "/api/v1/models"
	PathSearch        = "/api/v1/search"
	PathSync          = "/api/v1/sync"
	PathEvents        = "/api/v1/events"
	PathMe            = "/api/v1/me"
	PathIdentities    = "/api/v1/me/identities"
	PathSessions      = "/api/v1/sessions"
	PathTokens        = "/api/v1/tokens"
	PathServer        = "/api/v1/server" // version and state, without sign-in
	PathRetire        = "/api/v1/server/retire"
	PathHealth        = "/healthz"
	PathReady         = "/readyz"
	PathOpenAPI       = "/openapi.json"
	PathDocs          = "/docs"
)

// ConversationPath is the path of one conversation, or of something below it.
func ConversationPath(id string, below ...string) string {
	return join(PathConversations, id, below)
}

// SessionPath is the path of one session.
func SessionPath(id string) string { return join(PathSessions, id, nil) }

// TokenPath is the path of one personal access token.
func TokenPath(id string) string { return join(PathTokens, id, nil) }

// TurnPath is the path of one turn, or of something below it.
func TurnPath(id string, below ...string) string { return join(PathTurns, id, below) }

func join(root, id string, below []string) string {
	return strings.Join(append([]string{root, url.PathEscape(id)}, below...), "/")
}

// Below a conversation and below a turn.
const (
	BelowMessages = "messages"
	BelowTurns    = "turns"
	BelowFork     = "fork"
	BelowRestore  = "restore"
	BelowEvents   = "events"
	BelowCancel   = "cancel"
)

// Headers of our own.
const (
	// HeaderVersion carries each side's version; HeaderMinClient and
	// HeaderMinServer the oldest version of the other that it accepts.
	HeaderVersion   = "Aichat-Version"
	HeaderMinClient = "Aichat-Min-Client"
	HeaderMinServer = "Aichat-Min-Server"

	// HeaderAccount names the account a request acts on; absent: the personal
	// one.
	HeaderAccount = "Aichat-Account"

	// HeaderProviderKeys carries, over the local socket only, the provider keys
	// and base URLs of the terminal's environment: a ProviderEnv as JSON. A
	// server reached in any other way refuses a request that has it.
	HeaderProviderKeys = "Aichat-Provider-Env"

	// HeaderConfirm carries one's own name, percent-encoded (url.PathEscape), with
	// the request to delete oneself: DELETE of PathMe.
	HeaderConfirm = "Aichat-Confirm"

	// HeaderLastEventID is the standard header by which a stream is continued.
	HeaderLastEventID = "Last-Event-ID"
)

// ProviderEnv is what a terminal's environment says of providers, under the
// variables' own names (ANTHROPIC_API_KEY and so on; see ProviderVariables).
type ProviderEnv map[string]string

// ProviderVariables are the variables that a client passes on when they are
// set, and no others.
var ProviderVariables = []string{
	"ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL",
	"OPENAI_API_KEY", "OPENAI_BASE_URL",
	"GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL",
	"OLLAMA_HOST",
}
