package quota_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

var may17 = time.Date(2026, 5, 17, 12, 0, 0, 0, time.UTC)

// standing is a store that says what a test has put into it.
type standing struct {
	at  quota.Standing
	err error
}

func (s *standing) Standing(context.Context, identity.AccountID, *quota.Subjects, time.Time) (quota.Standing, error) {
	return s.at, s.err
}

// used is the account's month with so much used and held.
func used(u, h quota.Amount) quota.Standing {
	return quota.Standing{Anchor: 1, Balances: []quota.Balance{{Used: u, Held: h,
		Counter: quota.Counter{Scope: quota.ForAccount, Period: quota.Month, Starts: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}}}}
}

func policy(s *standing, plan quota.Plan) *quota.Metered { return metered(s, plan) }

func metered(s quota.Reading, plan quota.Plan) *quota.Metered {
	plan.Name = "p"
	return quota.NewMetered(quota.MeteredOptions{Store: s, Plans: func() *quota.Plans { return quota.NewPlans(plan) }, Default: "p",
		Pacer: quota.NewPaces(nil), Now: func() time.Time { return may17 }})
}

// ask is a call of a model whose input costs $1 for a million tokens, its cache
// twice that, and its output $4.
func ask(prompt, most int64) quota.Ask {
	return quota.Ask{Principal: identity.Principal{User: "u", Account: "a", Session: "s"}, ID: "r", Kind: usage.Answer, Prompt: prompt, MaxOutput: most,
		Route: provider.Route{Model: provider.Model{Provider: "demo", Name: "x",
			Price: &provider.Price{Input: 1_000_000, CachedRead: 100_000, CachedWrite: 2_000_000, Output: 4_000_000}}}}
}

func limit(unit quota.Unit, most int64) quota.Limit {
	return quota.Limit{Scope: quota.ForAccount, Period: quota.Month, Unit: unit, Most: most}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	tokens := func(n int64) []quota.Limit { return []quota.Limit{limit(quota.Tokens, n)} }
	money := func(n int64) []quota.Limit { return []quota.Limit{limit(quota.MicroUSD, n)} }
	for _, tc := range []struct {
		name         string
		prompt, most int64
		reserve      int64
		limits       []quota.Limit
		used         quota.Amount
		output, told int64 // what is reserved and the most that may be written
		refused      bool
	}{
		{name: "what is asked for", prompt: 100, most: 50, reserve: 1000, output: 50},
		{name: "the plan's cap", prompt: 100, most: 1 << 40, reserve: 1000, output: 1000},
		{name: "nobody knows", prompt: 100, reserve: 1000, output: 1000},
		{name: "no cap of the plan's", prompt: 100, most: 1 << 40, output: 4096},
		{name: "a limit far away", prompt: 100, most: 500_000, reserve: 1000, limits: tokens(1_000_000), output: 1000, told: 500_000},
		{name: "a limit that is near", prompt: 100, most: 500_000, reserve: 1000, limits: tokens(5100), output: 1000, told: 5000},
		{name: "less than the cap left", prompt: 100, most: 500_000, reserve: 1000, limits: tokens(700), output: 600, told: 600},
		{name: "just enough for a short answer", prompt: 100, most: 500_000, reserve: 1000, limits: tokens(356), output: 256, told: 256},
		{name: "not even that", prompt: 100, most: 500_000, reserve: 1000, limits: tokens(355), refused: true},
		{name: "a shorter one was asked for", prompt: 100, most: 10, reserve: 1000, limits: tokens(110), output: 10, told: 10},
		{name: "what others hold and used counts", prompt: 100, most: 500_000, reserve: 1000, limits: tokens(1000), used: quota.Amount{Tokens: 644}, output: 256, told: 256},
		{name: "the prompt at the dearer price", prompt: 100, most: 1000, reserve: 1000, limits: money(200 + 4*300), output: 300, told: 300},
		{name: "too little money", prompt: 100, most: 1000, reserve: 1000, limits: money(200 + 4*255), refused: true},
		{name: "no money", prompt: 100, most: 1000, reserve: 1000, limits: money(0), refused: true},
		{name: "beyond the limit already", prompt: 1, most: 1, reserve: 1000, limits: tokens(100), used: quota.Amount{Tokens: 1 << 41}, refused: true},
		{name: "no messages left", prompt: 1, most: 1, limits: []quota.Limit{limit(quota.Messages, 3)}, used: quota.Amount{Messages: 3}, refused: true},
		{name: "one message left", prompt: 1, most: 1, limits: []quota.Limit{limit(quota.Messages, 3)}, used: quota.Amount{Messages: 2}, output: 1},
	} {
		s := &standing{at: used(quota.Amount{}, tc.used)}
		h, err := policy(s, quota.Plan{ReserveOutput: tc.reserve, Limits: tc.limits}).Admit(t.Context(), ask(tc.prompt, tc.most))
		if tc.refused {
			if !fault.Is(err, fault.QuotaExhausted) {
				t.Errorf("%s: %v", tc.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		w := h.Worst
		if w.Output != tc.output || w.MaxOutput != tc.told || w.Amount != (quota.Amount{Messages: 1, Tokens: tc.prompt + tc.output, MicroUSD: 2*tc.prompt + 4*tc.output}) {
			t.Errorf("%s: %+v, want %d reserved and %d told", tc.name, w, tc.output, tc.told)
		}
	}
}

// TestOutputWithin: the provider is told a limit only where it would be reached.
func TestOutputWithin(t *testing.T) {
	t.Parallel()
	h := func(most int64) *quota.Hold { return &quota.Hold{Worst: quota.Worst{MaxOutput: most}} }
	for _, tc := range []struct {
		hold        *quota.Hold
		usual, want int64
	}{{nil, 500, 500}, {nil, 0, 0}, {h(0), 500, 500}, {h(400), 500, 400}, {h(600), 500, 500}, {h(400), 0, 400}, {h(1 << 30), 0, 0}} {
		if got := tc.hold.OutputWithin(tc.usual); got != tc.want {
			t.Errorf("%+v within %d: %d, want %d", tc.hold, tc.usual, got, tc.want)
		}
	}
}

// Where one question is more than a limit ever allows, nobody is told to wait, also
// when the limit is used up at the moment.
func TestAQuestionThatNeverFits(t *testing.T) {
	t.Parallel()
	const shorter = "Shorten it, or ask for a shorter answer (aichat ask --max-tokens 100)"
	ofModel := func(l quota.Limit) quota.Limit { l.Scope = quota.ForModel; return l }
	for name, c := range map[string]struct {
		limit  quota.Limit
		used   quota.Amount
		prompt int64
		want   string
	}{
		"money":          {limit: limit(quota.MicroUSD, 1000), prompt: 100, want: "allows $0.001 a month, and this question alone may take $0.001224: waiting does not help. " + shorter + ", or choose a cheaper model. "},
		"money, used up": {limit: limit(quota.MicroUSD, 1000), used: quota.Amount{MicroUSD: 1000}, prompt: 100, want: "allows $0.001 a month, and this question alone may take $0.001224: waiting does not help. " + shorter + ", or choose a cheaper model. "},
		"tokens":         {limit: limit(quota.Tokens, 355), prompt: 100, want: "allows 355 tokens a month, and this question alone may take 356 tokens: waiting does not help. " + shorter + ". "},
		"the prompt":     {limit: limit(quota.Tokens, 100), prompt: 100, want: "allows 100 tokens a month, and this question alone may take 356 tokens: waiting does not help. Shorten it. "},
		"of a model":     {limit: ofModel(limit(quota.MicroUSD, 1000)), prompt: 100, want: "allows $0.001 a month of demo/x, and this question alone may take $0.001224: waiting does not help. " + shorter + ", or choose another model. "},
		"nothing":        {limit: limit(quota.Messages, 0), prompt: 1, want: "allows 0 messages a month: waiting does not help. "},
		"of a model none": {limit: ofModel(limit(quota.Messages, 0)), prompt: 1,
			want: "allows 0 messages a month of demo/x: waiting does not help. Choose another model. "},
	} {
		_, err := policy(&standing{at: used(c.used, quota.Amount{})}, quota.Plan{Title: "Free", Limits: []quota.Limit{c.limit}}).Admit(t.Context(), ask(c.prompt, 0))
		if f := fault.Of(err); f.Kind != fault.QuotaExhausted || f.RetryAfter != 0 || !strings.HasPrefix(f.Message, "The plan Free "+c.want+"No plan that") {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestWarningText(t *testing.T) {
	t.Parallel()
	w := quota.Warning{Counter: quota.Counter{Scope: quota.ForMember, Period: quota.Day}, Unit: quota.Messages, Percent: 80, Used: 14, Most: 17, Resets: may17.Truncate(24 * time.Hour)}
	if got := w.Text(); got != "80 % of the plan's limit are used: 14 of 17 messages a day for each member." {
		t.Errorf("%q", got)
	}
	w.Percent, w.Used = 100, 17
	if got := w.Text(); got != "The plan's limit is reached: 17 of 17 messages a day for each member are used. It resets on 2026-05-17 at 00:00 UTC. To see which plans have more, type: aichat upgrade" {
		t.Errorf("%q", got)
	}
}

func TestAdmitRefuses(t *testing.T) {
	t.Parallel()
	full := used(quota.Amount{Messages: 98}, quota.Amount{Messages: 2})
	_, err := policy(&standing{at: full}, quota.Plan{Title: "Free", Limits: []quota.Limit{limit(quota.Messages, 100)}}).Admit(t.Context(), ask(1, 1))
	f := fault.Of(err)
	want := "The plan Free allows 100 messages a month: 98 messages used, 2 messages held for answers that run. It resets on 2026-06-01 at 00:00 UTC. No plan that this server offers would help: ask your operator."
	if f.Kind != fault.QuotaExhausted || f.Message != want || f.Subject != "account.month.messages" || f.RetryAfter != 14*24*time.Hour+12*time.Hour {
		t.Errorf("%+v", f)
	}
	_, err = policy(&standing{}, quota.Plan{Models: []string{"openai/*"}}).Admit(t.Context(), ask(1, 1))
	if f := fault.Of(err); f.Kind != fault.Forbidden || !strings.Contains(f.Message, "openai/*") {
		t.Errorf("%+v", f)
	}
	away := &standing{err: fault.New(fault.Unavailable, "")}
	if _, err := policy(away, quota.Plan{}).Admit(t.Context(), ask(1, 1)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a database that is away: %v", err)
	}
	local := ask(1, 1)
	local.Principal.Local = true
	if h, err := policy(away, quota.Plan{}).Admit(t.Context(), local); h != nil || err != nil {
		t.Errorf("the local owner: %+v, %v", h, err)
	}
	gone := &standing{at: quota.Standing{Plan: "gone"}}
	if _, err := policy(gone, quota.Plan{}).Admit(t.Context(), ask(1, 1)); err != nil {
		t.Errorf("a plan that is not there any more: %v", err)
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	s := &standing{at: used(quota.Amount{Tokens: 10}, quota.Amount{Tokens: 5})}
	day := time.Date(2026, 5, 17, 0, 0, 0, 0, time.UTC)
	s.at.Balances = append(s.at.Balances,
		quota.Balance{Counter: quota.Counter{Scope: quota.ForMember, Subject: "another", Period: quota.Day, Starts: day}},
		quota.Balance{Counter: quota.Counter{Scope: quota.ForModel, Subject: "demo/x", Period: quota.Day, Starts: day}, Used: quota.Amount{Messages: 2}})
	o, err := policy(s, quota.Plan{Limits: []quota.Limit{limit(quota.Tokens, 100),
		{Scope: quota.ForMember, Period: quota.Day, Unit: quota.Messages, Most: 9}, {Scope: quota.ForModel, Period: quota.Day, Unit: quota.Messages, Most: 3},
	}}).Overview(t.Context(), identity.Principal{User: "u", Account: "a"})
	if err != nil || !o.Metered || len(o.Limits) != 3 {
		t.Fatalf("%+v, %v", o, err)
	}
	for i, want := range []quota.Left{
		{Unit: quota.Tokens, Used: 10, Held: 5, Most: 100, Resets: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
		{Unit: quota.Messages, Most: 9, Resets: day.AddDate(0, 0, 1)},
		{Unit: quota.Messages, Used: 2, Most: 3, Resets: day.AddDate(0, 0, 1)},
	} {
		got := o.Limits[i]
		got.Counter = quota.Counter{}
		if got != want {
			t.Errorf("limit %d: %+v, want %+v", i, o.Limits[i], want)
		}
	}
	if o, err := policy(s, quota.Plan{}).Overview(t.Context(), identity.Principal{Local: true}); err != nil || o.Metered {
		t.Errorf("the local owner: %+v, %v", o, err)
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		used, most int64
		want       int
	}{{0, 100, 0}, {79, 100, 0}, {80, 100, 80}, {89, 100, 80}, {90, 100, 90}, {99, 100, 90}, {100, 100, 100}, {500, 100, 100},
		{2, 3, 0}, {3, 3, 100}, {0, 0, 0}, {1, 0, 0}, {1 << 50, quota.Unlimited, 0}, {1 << 61, 1 << 61, 100}, {4, 5, 80}} {
		if got := quota.Level(tc.used, tc.most); got != tc.want {
			t.Errorf("%d of %d: %d, want %d", tc.used, tc.most, got, tc.want)
		}
	}
}
