package chat

import (
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/cost"
)

// Context guesses how many tokens the conversation has come to at a message,
// itself included: what is sent along with a question that follows it. It is what
// the newest answer up to there used, as the provider counted it, and a guess of
// what came after; older messages that are not loaded count only by such an
// answer.
func (m *Model) Context(at string) (tokens int64) {
	reached := false
	for _, it := range slices.Backward(m.items) {
		if reached = reached || it.msg.ID == at; !reached {
			continue
		}
		if u := it.msg.Usage; u != nil && it.msg.Role == wire.RoleAssistant {
			return tokens + u.Input + u.CachedRead + u.CachedWrite + u.Output - u.Reasoning
		}
		tokens += it.tokens()
	}
	return tokens
}

// tokens guesses what a message takes in a prompt: what a model thought is not
// sent again.
func (it *item) tokens() int64 {
	var w cost.Weight
	for i := range it.parts {
		if it.parts[i].Type == wire.PartText {
			w = w.Plus(it.parts[i].weight)
		}
	}
	return w.Tokens()
}
