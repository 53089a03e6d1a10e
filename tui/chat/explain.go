package chat

import (
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
)

// next says what a person can do about an error, where the server's own sentence
// does not.
var next = map[wire.Code]string{
	wire.NoKey:               "ctrl+l lists the models.",
	wire.ProviderAuth:        "ctrl+l lists the models.",
	wire.ProviderQuota:       "Top up at the provider, or choose another model with ctrl+l.",
	wire.ProviderRateLimited: "Wait a little, or choose another model with ctrl+l.",
	wire.ProviderOverloaded:  "Wait a little, or choose another model with ctrl+l.",
	wire.ModelUnknown:        "Choose a model with ctrl+l.",
	wire.ContextTooLong:      "Begin a new chat with ctrl+n, or choose a model with a larger window.",
	wire.Unauthenticated:     "Sign in with: aichat login",
	wire.TurnRunning:         "Wait for its end, or stop it with esc.",
}

// Explain is a sentence about a failure, and what to do next.
func Explain(code wire.Code, text string) string {
	text = strings.TrimSpace(terminal.Line(text))
	if text == "" {
		text = "Failed (" + terminal.Line(string(code)) + ")"
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	if n := next[code]; n != "" {
		text += " " + n
	}
	return text
}
