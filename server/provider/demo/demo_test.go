package demo_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/demo"
)

var endpoint = provider.Endpoint{Provider: "demo", API: provider.Demo}

func ask(prompt string) *provider.Request {
	return &provider.Request{Model: demo.Name, Messages: []provider.Message{
		{Role: provider.User, Parts: []provider.Part{{Type: provider.Text, Text: prompt}}},
	}}
}

type answer struct {
	text   string
	deltas int
	usage  provider.Usage
	finish provider.FinishReason
}

func run(t *testing.T, p *demo.Provider, req *provider.Request) answer {
	t.Helper()
	s, err := p.Stream(t.Context(), endpoint, req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var got answer
	var ev provider.Event
	for first := true; ; first = false {
		err := s.Next(&ev)
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		if first != (ev.Type == provider.Began) {
			t.Fatalf("Began is not the first event and only that: %+v", ev)
		}
		switch ev.Type {
		case provider.TextDelta:
			if ev.Text == "" || !utf8.ValidString(ev.Text) {
				t.Errorf("delta %q is empty or not UTF-8", ev.Text)
			}
			got.text += ev.Text
			got.deltas++
		case provider.UsageNow:
			got.usage = ev.Usage
		case provider.Finish:
			got.finish = ev.Finish
		}
	}
}

func TestItSaysWhatItIs(t *testing.T) {
	t.Parallel()
	p := demo.New(demo.Options{})
	got := run(t, p, ask("Why is the sky blue?"))
	for _, want := range []string{
		"# This is the demo, not an AI", "no provider key", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY",
		"OLLAMA_HOST", "> Why is the sky blue?\n", "```sh\n", "\n- `aichat models`",
	} {
		if !strings.Contains(got.text, want) {
			t.Errorf("the answer does not hold %q", want)
		}
	}
	if got.finish != provider.Stop || got.deltas < 100 {
		t.Errorf("finish %q after %d deltas", got.finish, got.deltas)
	}
	if want := (provider.Usage{Input: provider.EstimatePrompt(ask("Why is the sky blue?")), Output: provider.EstimateTokens(got.text)}); got.usage != want {
		t.Errorf("usage %+v, want %+v", got.usage, want)
	}
	if again := run(t, p, ask("Why is the sky blue?")); again != got {
		t.Error("a second answer differs")
	}
}

func TestTheQuote(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ prompt, want string }{
		"first line that says something": {"\n  \nhello\nworld", "> hello\n"},
		"control characters":             {"a\x1b[31mb\x00c\td", "> a[31mbc d\n"},
		"bidirectional override":         {"a\u202eb", "> ab\n"},
		"invalid UTF-8":                  {"a\xffb", "> ab\n"},
		"shortened between runes":        {strings.Repeat("ж", 500), "> " + strings.Repeat("ж", 160) + "…\n"},
		"just fits":                      {strings.Repeat("ж", 160), "> " + strings.Repeat("ж", 160) + "\n"},
	} {
		if got := run(t, demo.New(demo.Options{}), ask(tc.prompt)).text; !strings.Contains(got, tc.want) {
			t.Errorf("%s: no %q in the answer", name, tc.want)
		}
	}
	for _, nothing := range []string{"", " \n\t", "\x1b"} {
		if got := run(t, demo.New(demo.Options{}), ask(nothing)).text; strings.Contains(got, "You wrote") {
			t.Errorf("%q was quoted", nothing)
		}
	}
}

func TestMaxTokens(t *testing.T) {
	t.Parallel()
	p := demo.New(demo.Options{})
	whole := run(t, p, ask("Grüße")).text
	for _, most := range []int64{1, 2, 17, provider.EstimateTokens(whole) - 1, provider.EstimateTokens(whole), provider.EstimateTokens(whole) + 1} {
		req := ask("Grüße")
		req.MaxTokens = most
		got := run(t, p, req)
		want := provider.Length
		if most >= provider.EstimateTokens(whole) {
			want = provider.Stop
		}
		if got.finish != want || !strings.HasPrefix(whole, got.text) || provider.EstimateTokens(got.text) > most || got.usage.Output > most {
			t.Errorf("MaxTokens %d: finish %q, usage %+v, %d bytes", most, got.finish, got.usage, len(got.text))
		}
	}
}

func TestThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		got := run(t, demo.New(demo.Options{Delay: demo.Pace}), ask("hi"))
		if took, want := time.Since(begun), time.Duration(got.deltas-1)*demo.Pace; took != want {
			t.Errorf("%d deltas took %v of the fake clock, want %v", got.deltas, took, want)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := demo.New(demo.Options{Delay: time.Hour}).Stream(ctx, endpoint, ask("hi"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		var ev provider.Event
		for range 2 { // Began and the first delta come at once
			if err := s.Next(&ev); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(time.Second, cancel)
		begun := time.Now()
		if err := s.Next(&ev); !fault.Is(err, fault.Canceled) {
			t.Errorf("a cancelled answer ends with %v", err)
		}
		if took := time.Since(begun); took != time.Second {
			t.Errorf("cancelling took %v", took)
		}
	})
}

func TestClosedAndRefused(t *testing.T) {
	t.Parallel()
	p := demo.New(demo.Options{})
	s, err := p.Stream(t.Context(), endpoint, ask("hi"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if err := s.Next(&provider.Event{}); !fault.Is(err, fault.Canceled) {
		t.Errorf("a closed stream gives %v", err)
	}
	req := ask("hi")
	req.Model = "gpt-9"
	if _, err := p.Stream(t.Context(), endpoint, req); !fault.Is(err, fault.ModelUnknown) {
		t.Errorf("another model's name gives %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Stream(ended, endpoint, ask("hi")); !fault.Is(err, fault.Canceled) {
		t.Errorf("an ended context gives %v", err)
	}
	if _, err := p.Models(ended, endpoint); !fault.Is(err, fault.Canceled) {
		t.Errorf("an ended context gives %v", err)
	}
}

// What Models says and what the catalogue lists is one model.
func TestTheCatalogueListsIt(t *testing.T) {
	t.Parallel()
	models, err := demo.New(demo.Options{}).Models(t.Context(), endpoint)
	if err != nil || len(models) != 1 {
		t.Fatalf("%v, %v", models, err)
	}
	c, err := provider.LoadCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Resolve(models[0].ID())
	if err != nil || !m.Listed || *m.Price != (provider.Price{}) {
		t.Errorf("%+v, %v", m, err)
	}
	if advised, err := c.Resolve("anthropic/claude-sonnet-5-5"); err != nil || !advised.Listed {
		t.Errorf("the page advises a model that the catalogue does not list: %v", err)
	}
	if whole := run(t, demo.New(demo.Options{}), ask(strings.Repeat("w", 200))); provider.EstimateTokens(whole.text) > m.Output {
		t.Errorf("the page is %d tokens, the catalogue says %d", provider.EstimateTokens(whole.text), m.Output)
	}
}
