package provider

import "unicode/utf8"

// EstimateTokens guesses how many tokens a text is, with no vendor's tokenizer:
// four bytes of ASCII to a token, and every other rune a token of its own. It
// errs high for European languages and is about right for English, code and
// CJK. It serves to fit a prompt into a window and to account for an answer of
// which the vendor reported nothing.
func EstimateTokens(text string) int64 {
	var ascii, other int64
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			ascii++
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		other++
		i += size
	}
	return (ascii+3)/4 + other
}

// Tokens that a message, and an image, cost beyond their text.
const (
	tokensPerMessage = 4
	tokensPerImage   = 1600
)

// EstimateMessage guesses the prompt tokens of one message.
func EstimateMessage(m Message) int64 {
	n := int64(tokensPerMessage)
	for i := range m.Parts {
		p := &m.Parts[i]
		n += EstimateTokens(p.Text) + EstimateTokens(p.Arguments)
		if p.Type == Image {
			n += tokensPerImage
		}
	}
	return n
}

// EstimatePrompt guesses the prompt tokens of a request.
func EstimatePrompt(req *Request) int64 {
	n := EstimateTokens(req.System)
	for i := range req.Messages {
		n += EstimateMessage(req.Messages[i])
	}
	return n
}
