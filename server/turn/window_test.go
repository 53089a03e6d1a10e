package turn_test

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

func TestTheOldestIsLeftOutOfAFullWindow(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say(strings.Repeat("x", 800)), stop()})
		for range 4 {
			read(t, h.begin(h.question(strings.Repeat("word ", 80))))
		}
		got := read(t, h.begin(h.question("the newest")))
		if len(got.notices) != 1 || got.notices[0] != "trimmed" {
			t.Fatalf("notices %v", got.notices)
		}
		sent := h.script.asked(4)
		if n := provider.EstimatePrompt(sent); n > 1000-250 {
			t.Errorf("%d tokens were sent into a window of 1000", n)
		}
		if sent.Messages[0].Role != provider.User {
			t.Error("what is left does not begin with a question")
		}
		if last := sent.Messages[len(sent.Messages)-1]; last.Parts[0].Text != "the newest" {
			t.Errorf("the last message is %+v", last)
		}
	})
}

// A window of 1000 tokens, of which an answer may have 500. A question of n
// tokens costs four more.
func TestPromptAndAnswerFitTheWindowTogether(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name               string
		prompt             int // tokens of the question
		asked              int64
		maxTokens, outside int64 // what goes out
		want               fault.Kind
	}{
		{name: "short", prompt: 100, outside: 500},
		{name: "long", prompt: 700, outside: 296},
		{name: "long, with a limit", prompt: 700, asked: 400, maxTokens: 296, outside: 296},
		{name: "a small limit", prompt: 900, asked: 10, maxTokens: 10, outside: 96},
		{name: "just in", prompt: 746, outside: 250},
		{name: "just out", prompt: 747, want: fault.ContextTooLong},
		{name: "a small limit, just in", prompt: 986, asked: 10, maxTokens: 10, outside: 10},
		{name: "a small limit, just out", prompt: 987, asked: 10, want: fault.ContextTooLong},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				h := open(t, []step{say("x"), stop()})
				req := h.question(strings.Repeat("word", tc.prompt))
				if tc.asked > 0 {
					req.MaxTokens = &tc.asked
				}
				feed, _, err := h.Begin(t.Context(), h.who, req, 0)
				if err != nil || tc.want != 0 {
					if !fault.Is(err, tc.want) {
						t.Errorf("got %v, want %v", err, tc.want)
					}
					return
				}
				read(t, feed)
				if sent := h.script.asked(0); sent.MaxTokens != tc.maxTokens || sent.OutputLimit != tc.outside {
					t.Errorf("max_tokens %d, limit %d; want %d, %d", sent.MaxTokens, sent.OutputLimit, tc.maxTokens, tc.outside)
				}
			})
		})
	}
}
