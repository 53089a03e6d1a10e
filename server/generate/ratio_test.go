package generate_test

import (
	"io"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
	"github.com/aichat-term/aichat/server/vault"
)

// TestWhatIsLearntOfPrompts: a whole answer's report teaches how long prompts
// are, and the next call of which nothing is reported is booked by that. A
// broken answer, one with an image, an absurd report, and a user's own endpoint
// teach nothing.
func TestWhatIsLearntOfPrompts(t *testing.T) {
	t.Parallel()
	ratios := provider.NewRatios()
	caller := generate.New(generate.Options{Attempts: 1, Ratios: ratios})
	model := provider.Model{Provider: "p", Name: "m"}
	at := provider.Endpoint{}
	run := func(events []provider.Event, end error, parts ...provider.Part) usage.Entry {
		call := generate.Call{Route: provider.Route{Provider: canned{events, end}, Model: model, Endpoint: at}, Ratio: ratios.Of(&model),
			Request: &provider.Request{Messages: []provider.Message{{Role: provider.User,
				Parts: append(parts, provider.Part{Type: provider.Text, Text: strings.Repeat("word", 996)})}}}}
		return caller.Run(t.Context(), &call, &count{}).Entry
	}
	reports := func(input int64) []provider.Event {
		return []provider.Event{text("hi"), now(provider.Usage{Input: input, Output: 1}), finish}
	}
	run(reports(1500), io.ErrUnexpectedEOF)
	run(reports(1500), io.EOF, provider.Part{Type: provider.Image})
	run([]provider.Event{text("hi"), now(provider.Usage{Input: 1500, Output: -1}), finish}, io.EOF)
	at.Owner = vault.OfUser // an endpoint of their own may report what it likes
	run(reports(1500), io.EOF)
	at.Owner = ""
	if got := ratios.Of(&model); got != 0 {
		t.Fatalf("%d was learnt from what teaches nothing", got)
	}
	if e := run(reports(1500), io.EOF); e.Tokens.Input != 1500 {
		t.Fatalf("%+v", e.Tokens)
	}
	if got := ratios.Of(&model).Of(1000); got != 1500 {
		t.Errorf("a thousand are %d now", got)
	}
	if e := run([]provider.Event{text("hi"), finish}, io.EOF); e.Tokens.Input != 1500 || e.Source != usage.Estimated {
		t.Errorf("without a report: %+v", e)
	}
}
