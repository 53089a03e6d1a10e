package openai

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai/tokenizer"
)

var (
	_ provider.Counter = (*Responses)(nil)
	_ provider.Counter = (*Chat)(nil)
)

// wrapping is what stands around each message, and the beginning of the answer:
// three tokens by OpenAI's own account, and one more for what it does not tell.
const wrapping = 4

// Count implements provider.Counter for OpenAI's own models, by their vocabulary
// and without a call. It is a fault for other endpoints, for models whose
// vocabulary is not known to be this one, and for prompts with images.
func (c caller) Count(ctx context.Context, of provider.Endpoint, req *provider.Request) (int64, error) {
	if !ownAddress(of) || !o200k(req.Model) || !provider.OnlyText(req) {
		return 0, fault.New(fault.Invalid, "There is no tokenizer for this prompt of %s.", of.Provider)
	}
	sum := int64(2 * wrapping) // of the system prompt, and of the answer
	texts := []string{req.System}
	for i := range req.Messages {
		sum += wrapping
		for j := range req.Messages[i].Parts {
			p := &req.Messages[i].Parts[j]
			texts = append(texts, p.Text, p.Name, p.Arguments)
		}
	}
	for _, text := range texts {
		n, err := tokenizer.Count(ctx, text)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// o200k reports whether a model is known to read by the vocabulary o200k_base:
// GPT-4o and its successors to the fifth generation, and the reasoning models.
func o200k(model string) bool {
	model = strings.TrimPrefix(model, "chat")
	if number, ok := strings.CutPrefix(model, "gpt-"); ok {
		return generation(number) == 5 || strings.HasPrefix(number, "4o") || strings.HasPrefix(number, "4.")
	}
	if number, ok := strings.CutPrefix(model, "o"); ok {
		n := generation(number)
		return n >= 1 && n <= 4
	}
	return false
}
