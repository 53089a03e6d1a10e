package demo

import (
	"strings"
	"unicode"

	"github.com/aichat-term/aichat/server/provider"
)

// maxQuote is how much of the prompt is quoted back, in runes.
const maxQuote = 160

const before = `# This is the demo, not an AI

You are talking to ` + "`demo/demo`" + `, a page of text that is built into aichat and sent word by word. Nothing was computed, and no provider was asked. It answers when no provider key was found.

`

const after = `## To talk to a real model

Set one of these in the shell that starts aichat, and start it again; on a server that others share, its operator does:

` + "```sh" + `
export ANTHROPIC_API_KEY=...   # Claude
export OPENAI_API_KEY=...      # GPT
export GEMINI_API_KEY=...      # Gemini
export OLLAMA_HOST=127.0.0.1   # models on your own machine
` + "```" + `

Then:

- ` + "`aichat models`" + ` lists what you can use,
- ` + "`aichat ask -m anthropic/claude-sonnet-5-5 \"hello\"`" + ` asks one of them,
- ` + "`aichat doctor`" + ` says what was found, and what was not.

Everything else already works: this conversation is **stored**, it can be *searched*, and an answer that is cut off comes back.
`

// page is the whole answer to a prompt.
func page(prompt string) string {
	if q := quote(prompt); q != "" {
		return before + "You wrote:\n\n> " + q + "\n\n" + after
	}
	return before + after
}

// quote is the prompt's first line that says something, shortened and without
// control characters: what it quotes may have come from anywhere.
func quote(prompt string) string {
	for line := range strings.Lines(prompt) {
		line = strings.Map(printable, strings.ToValidUTF8(line, ""))
		if line = strings.TrimSpace(line); line != "" {
			return shorten(line, maxQuote)
		}
	}
	return ""
}

func printable(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case !unicode.IsPrint(r):
		return -1
	}
	return r
}

func shorten(line string, most int) string {
	for at := range line {
		if most == 0 {
			return strings.TrimSpace(line[:at]) + "…"
		}
		most--
	}
	return line
}

// lastPrompt is the text of the last message, without a copy where it is one
// part.
func lastPrompt(req *provider.Request) string {
	if len(req.Messages) == 0 {
		return ""
	}
	var texts []string
	for _, part := range req.Messages[len(req.Messages)-1].Parts {
		if part.Type == provider.Text {
			texts = append(texts, part.Text)
		}
	}
	return strings.Join(texts, "\n")
}

// limit keeps as many words as most tokens allow, by provider.EstimateTokens;
// 0 is no limit.
func limit(words []string, most int64) (kept []string, cut bool) {
	if most <= 0 {
		return words, false
	}
	text, end := strings.Join(words, ""), 0
	for i, word := range words {
		end += len(word)
		if provider.EstimateTokens(text[:end]) > most {
			return words[:i], true
		}
	}
	return words, false
}

// pieces cuts text after each run of spaces, so that the pieces are words and
// joined again are the text.
func pieces(text string) []string {
	var words []string
	begin := 0
	for at := 1; at < len(text); at++ {
		if space(text[at-1]) && !space(text[at]) {
			words = append(words, text[begin:at])
			begin = at
		}
	}
	if begin < len(text) {
		words = append(words, text[begin:])
	}
	return words
}

func space(b byte) bool { return b == ' ' || b == '\n' }
