package turn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
)

// counting is a script whose vendor counts prompts too, each as so many thousandths
// of its guess.
type counting struct {
	*script
	thousandths int64
	fail        error // instead
	silent      bool  // it never answers
	counts      int
}

func (c *counting) Count(ctx context.Context, _ provider.Endpoint, req *provider.Request) (int64, error) {
	c.counts++
	if c.silent {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return provider.EstimatePrompt(req) * c.thousandths / 1000, c.fail
}

// openCounted is open with a vendor that counts.
func openCounted(t *testing.T, c *counting, change func(*turn.Options), calls ...[]step) *house {
	t.Helper()
	cat, err := provider.LoadCatalogue([]byte(catalogue))
	if err != nil {
		t.Fatal(err)
	}
	h := openWith(t, func(o *turn.Options) {
		c.script = &script{calls: calls}
		o.Directory = provider.NewDirectory(provider.DirectoryOptions{
			Catalogue: cat, Vendors: map[provider.API]provider.Provider{provider.OpenAIResponses: c},
			Endpoints: []provider.Endpoint{{Provider: "openai", API: provider.OpenAIResponses}},
			OllamaURL: func(string) (string, error) { return "", errors.New("none") }, NoProbe: true,
		})
		change(o)
	}, calls...)
	h.script = c.script
	return h
}

// TestAPromptIsCountedBeforeItIsTrimmed: a window of 1000 tokens of which 250 are
// kept for the answer, and a history that is guessed at about 1400.
func TestAPromptIsCountedBeforeItIsTrimmed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		vendor  counting
		trimmed bool
		counts  int // of the second question
		took    time.Duration
	}{
		{"the count fits", counting{thousandths: 300}, false, 1, 0},
		{"it does not either", counting{thousandths: 900}, true, 1, 0},
		{"no count is to be had", counting{fail: fault.New(fault.ProviderOverloaded, "")}, true, 1, 0},
		{"a count of nothing", counting{}, true, 1, 0},
		{"no answer in time", counting{silent: true}, true, 1, 2 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				vendor := tc.vendor
				h := openCounted(t, &vendor, func(*turn.Options) {}, []step{say(strings.Repeat("long", 700)), stop()})
				read(t, h.begin(h.question(strings.Repeat("word", 650))))
				if vendor.counts != 0 {
					t.Errorf("%d counts of a prompt that fits by its guess", vendor.counts)
				}
				began := time.Now()
				got := read(t, h.begin(h.question("the newest")))
				if took := time.Since(began); took != tc.took {
					t.Errorf("it took %v, want %v", took, tc.took)
				}
				sent := h.script.asked(1)
				if trimmed := len(got.notices) == 1; trimmed != tc.trimmed || (len(sent.Messages) == 1) != tc.trimmed {
					t.Errorf("notices %v, %d messages went out", got.notices, len(sent.Messages))
				}
				if vendor.counts != tc.counts {
					t.Errorf("%d counts, want %d", vendor.counts, tc.counts)
				}
			})
		})
	}
}

// TestAPromptIsCountedBeforeItIsRefused as too long for the window.
func TestAPromptIsCountedBeforeItIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		thousandths int64
		refused     string // what the fault says; empty: it is answered
	}{
		{"the count fits", 400, ""},
		{"it does not either", 900, "about 1083 tokens"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				vendor := counting{thousandths: tc.thousandths}
				h := openCounted(t, &vendor, func(*turn.Options) {}, []step{say("hi"), stop()})
				feed, _, err := h.Begin(t.Context(), h.who, h.question(strings.Repeat("word", 1200)), 0)
				switch {
				case err == nil:
					read(t, feed)
					if tc.refused != "" {
						t.Error("it was not refused")
					}
				case tc.refused == "" || !fault.Is(err, fault.ContextTooLong) || !strings.Contains(fault.Of(err).Message, tc.refused):
					t.Errorf("%v", err)
				}
				if vendor.counts != 1 {
					t.Errorf("%d counts", vendor.counts)
				}
			})
		})
	}
}

// TestThePolicyMayHaveAPromptCounted, once, and sees the count.
func TestThePolicyMayHaveAPromptCounted(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		vendor := counting{thousandths: 500}
		h := openCounted(t, &vendor, func(o *turn.Options) { o.Policy, o.Quota = m, m }, []step{say("hi"), stop()})
		read(t, h.begin(h.question(strings.Repeat("word", 396))))
		asked := m.asked[0]
		if asked.Prompt != 400 || vendor.counts != 0 {
			t.Fatalf("guessed at %d, %d counts", asked.Prompt, vendor.counts)
		}
		for range 2 {
			if n := asked.Count(t.Context()); n != 200 {
				t.Errorf("counted %d", n)
			}
		}
		if vendor.counts != 1 {
			t.Errorf("%d counts", vendor.counts)
		}
	})
}

// metered is a plan's policy for whoever asks, the local owner too.
type metered struct{ *quota.Metered }

func (m metered) Admit(ctx context.Context, ask quota.Ask) (*quota.Hold, error) {
	ask.Principal.Local = false
	return m.Metered.Admit(ctx, ask)
}

// TestAPromptIsCountedBeforeThePlanRefusesIt: of 900 tokens that are left, a prompt
// guessed at 700 leaves too little for any answer.
func TestAPromptIsCountedBeforeThePlanRefusesIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		vendor  counting
		refused bool
		held    int64 // tokens of the prompt
	}{
		{"the count fits", counting{thousandths: 400}, false, 280},
		{"it does not either", counting{thousandths: 1000}, true, 0},
		{"no count is to be had", counting{fail: fault.New(fault.ProviderUnreachable, "")}, true, 0},
		{"no answer in time", counting{silent: true}, true, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				vendor := tc.vendor
				plan := quota.Plan{Name: "p", Limits: []quota.Limit{{Scope: quota.ForAccount, Period: quota.Day, Unit: quota.Tokens, Most: 900}}}
				policy := quota.NewMetered(quota.MeteredOptions{Store: empty{}, Plans: func() *quota.Plans { return quota.NewPlans(plan) },
					Default: "p", Pacer: quota.NewPaces(nil)})
				h := openCounted(t, &vendor, func(o *turn.Options) { o.Policy, o.Quota = metered{policy}, newMeter() }, []step{say("hi"), stop()})
				feed, _, err := h.Begin(t.Context(), h.who, h.question(strings.Repeat("word", 696)), 0)
				switch {
				case err == nil:
					read(t, feed)
					if held := h.store.begun[0].Hold.Worst; tc.refused || held.Prompt != tc.held || held.Output != 500 {
						t.Errorf("held %+v", held)
					}
				case !tc.refused || !fault.Is(err, fault.QuotaExhausted):
					t.Errorf("%v", err)
				}
				if vendor.counts != 1 {
					t.Errorf("%d counts", vendor.counts)
				}
			})
		})
	}
}
