package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chart"
	"github.com/aichat-term/aichat/tui/terminal"
)

func per(period, unit string, most int64) wire.PlanLimit {
	return wire.PlanLimit{Scope: "account", Period: period, Unit: unit, Most: most}
}

func stands(l wire.PlanLimit, used, held int64) wire.Limit {
	resets := map[string]time.Time{"day": time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), "month": time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	return wire.Limit{Scope: l.Scope, Period: l.Period, Unit: l.Unit, Used: used, Held: held, Most: l.Most, ResetsAt: resets[l.Period]}
}

// offered are three plans of which one has the first, whose messages are used up
// and whose money nearly is.
func offered() wire.Offers {
	few, little, more, much := per("day", "messages", 100), per("month", "micro_usd", 2_000_000), per("day", "messages", 1000), per("month", "micro_usd", 50_000_000)
	return wire.Offers{Metered: true, Role: "owner", Contact: "ops@example.com", Plans: []wire.Offer{
		{PlanTerms: wire.PlanTerms{Name: "free", Title: "Free", Models: []string{"demo/*", "openai/gpt-5-mini"}, Limits: []wire.PlanLimit{few, little},
			Rates: wire.Rates{RequestsPerMinute: 10, TokensPerMinute: 200_000, Streams: 3}},
			Current: true, Standing: []wire.Limit{stands(few, 99, 1), stands(little, 1_814_567, 0)}},
		{PlanTerms: wire.PlanTerms{Name: "pro", Title: "Pro", Models: []string{}, Limits: []wire.PlanLimit{more, much}, Rates: wire.Rates{RequestsPerMinute: 60}},
			Standing: []wire.Limit{stands(more, 99, 1), stands(much, 1_814_567, 0)}, Command: "aichat-server plans set ada@example.com pro"},
		{PlanTerms: wire.PlanTerms{Name: "enterprise", Models: []string{}}, Command: "aichat-server plans set ada@example.com enterprise"},
	}}
}

// hostile is of a server that would like to write to the terminal, has limits of
// all kinds, and a plan that is used up.
func hostile() wire.Offers {
	o := offered()
	o.Contact = "https://example.com/\x1b]8;;x\x07plans/and/whom/to/ask/for/another?from=upgrade"
	model := wire.PlanLimit{Scope: "model", Only: "openai/*\x1b[2J", Period: "day", Unit: "messages", Most: 5}
	o.Plans[0].Limits = append(o.Plans[0].Limits, model, wire.PlanLimit{Scope: "member", Period: "month", Unit: "tokens", Most: 5_000_000})
	o.Plans[0].Standing = append(o.Plans[0].Standing, wire.Limit{Scope: "model", Subject: "openai/x\x1b[2J", Period: "day", Unit: "messages", Used: 5, Most: 5, ResetsAt: midMonth()})
	o.Plans[1].Title = "The plan with the\nlongest name that anybody has ever\x1b[31m given to one 日本語"
	o.Plans[1].Models = []string{"demo/*"} // without the model that is used up
	o.Plans[2].Limits = []wire.PlanLimit{{Scope: "model", Period: "day", Unit: "messages", Most: 100}}
	o.Plans[2].Standing = []wire.Limit{{Scope: "model", Subject: "openai/x\x1b[2J", Period: "day", Unit: "messages", Used: 5, Most: 100, ResetsAt: midMonth()}}
	o.Plans[2].Command = "aichat-server plans set 'a\x1b[2J  b' enterprise"
	dear := per("month", "micro_usd", 1_000_000)
	o.Plans = append(o.Plans, wire.Offer{PlanTerms: wire.PlanTerms{Name: "dear", Limits: []wire.PlanLimit{dear, per("month", "tokens", 100)}},
		Standing: []wire.Limit{stands(dear, 1_814_567, 0), stands(per("month", "tokens", 100), 100, 0)}})
	return o
}

func alone() wire.Offers {
	o := offered()
	o.Plans, o.Contact = o.Plans[2:], ""
	o.Plans[0].Current, o.Plans[0].Command = true, ""
	return o
}

// modelsApart are plans that limit models apart, and of which no one has a command.
func modelsApart() wire.Offers {
	of := func(only string, most int64) wire.PlanLimit {
		return wire.PlanLimit{Scope: "model", Only: only, Period: "day", Unit: "messages", Most: most}
	}
	stand := func(l wire.PlanLimit, model string) wire.Limit {
		s := stands(l, 5, 0)
		s.Subject = model
		return s
	}
	few, all := of("openai/*", 5), of("", 100)
	return wire.Offers{Metered: true, Role: "owner", Contact: "ops@example.com", Plans: []wire.Offer{
		{PlanTerms: wire.PlanTerms{Name: "free", Limits: []wire.PlanLimit{few}}, Current: true, Standing: []wire.Limit{stand(few, "openai/x")}},
		{PlanTerms: wire.PlanTerms{Name: "pro", Limits: []wire.PlanLimit{all}}, Standing: []wire.Limit{stand(all, "openai/x")}},
		{PlanTerms: wire.PlanTerms{Name: "demo", Models: []string{"demo/*"}}},
		{PlanTerms: wire.PlanTerms{Name: "free of it"}},
	}}
}

// ofATeam is what a member sees of an account whose owner decides.
func ofATeam() wire.Offers {
	o := offered()
	o.Role = "member"
	o.Plans[0].Standing = nil
	return o
}

func TestUpgradePage(t *testing.T) {
	t.Parallel()
	for name, offers := range map[string]func() wire.Offers{"offered": offered, "hostile": hostile, "alone": alone, "apart": modelsApart, "team": ofATeam} {
		for _, width := range []int{40, 80, 120} {
			for _, ascii := range []bool{false, true} {
				o := offers()
				p := &program{env: func(string) (string, bool) { return map[bool]string{false: "C.UTF-8", true: "C"}[ascii], true }}
				c := canvas{width: width, glyph: chart.For(ascii), dots: map[bool]string{false: "…", true: "..."}[ascii], now: midMonth()}
				text := p.people(upgradePage{offers: &o, server: "https://chat.example.com", canvas: c}.text())
				for line := range strings.Lines(text) {
					if w := terminal.Width(strings.TrimSuffix(line, "\n")); w > width && !strings.Contains(line, "aichat-server plans set") && !strings.HasPrefix(line, "  https://") {
						t.Errorf("%s: %d cells, not %d: %q", name, w, width, line)
					}
				}
				if ascii && terminal.ASCII(text) != text || strings.Contains(text, "\x1b") || strings.Contains(text, "\x07") {
					t.Errorf("%s: %q", name, text)
				}
				if !ascii {
					golden(t, fmt.Sprintf("upgrade-%s-%d", name, width), text)
				}
			}
		}
	}
}

func TestOfferLines(t *testing.T) {
	t.Parallel()
	const want = "free\tyes\taccount.day.messages\t100\t\n" +
		"free\tyes\taccount.month.micro_usd\t2000000\t\n" +
		"free\tyes\trequests_per_minute\t10\t\nfree\tyes\ttokens_per_minute\t200000\t\nfree\tyes\tstreams\t3\t\n" +
		"free\tyes\tmodels\tdemo/*\t\nfree\tyes\tmodels\topenai/gpt-5-mini\t\n" +
		"pro\tno\taccount.day.messages\t1000\t\npro\tno\taccount.month.micro_usd\t50000000\t\npro\tno\trequests_per_minute\t60\t\npro\tno\tmodels\t*\t\n" +
		"enterprise\tno\tmodels\t*\t\n"
	if got := offerLines(offered().Plans); got != want {
		t.Errorf("%s", got)
	}
	if got := offerLines(hostile().Plans); strings.Contains(got, "\x1b") || !strings.Contains(got, "model.day.messages\t5\topenai/*␛[2J\n") {
		t.Errorf("%q", got)
	}
}

func TestLimited(t *testing.T) {
	t.Parallel()
	of := func(only string, most int64) wire.PlanLimit {
		return wire.PlanLimit{Scope: "model", Only: only, Period: "day", Unit: "messages", Most: most}
	}
	monthly := of("", 7)
	monthly.Period = "month"
	for name, c := range map[string]struct {
		only   string
		models []string
		limits []wire.PlanLimit
		want   string
	}{
		"the same":                 {"openai/*", nil, []wire.PlanLimit{of("openai/*", 5)}, "5"},
		"nothing at all":           {"openai/*", nil, []wire.PlanLimit{of("openai/*", 0)}, "0"},
		"of every model":           {"openai/*", nil, []wire.PlanLimit{of("", 100)}, "100"},
		"of every model, a star":   {"", nil, []wire.PlanLimit{of("*", 100)}, "100"},
		"of a provider's":          {"openai/x", nil, []wire.PlanLimit{of("openai/*", 5)}, "5"},
		"of a longer beginning":    {"openai/*", nil, []wire.PlanLimit{of("openai/gpt-*", 5)}, "varies"},
		"of one":                   {"openai/*", nil, []wire.PlanLimit{of("openai/x", 5)}, "varies"},
		"of some, for every model": {"", nil, []wire.PlanLimit{of("openai/*", 5)}, "varies"},
		"of others":                {"openai/*", nil, []wire.PlanLimit{of("demo/*", 5)}, "no limit"},
		"of one of the same name":  {"openai/x", nil, []wire.PlanLimit{of("openai/xy", 5)}, "no limit"},
		"of another period":        {"openai/*", nil, []wire.PlanLimit{monthly}, "no limit"},
		"the lowest of all":        {"openai/*", nil, []wire.PlanLimit{of("openai/x", 1), of("openai/*", 5), of("", 3), of("*", 4)}, "3"},
		"some and all":             {"openai/*", nil, []wire.PlanLimit{of("openai/*", 5), of("openai/x", 1)}, "5"},
		"of models it has not":     {"openai/*", []string{"demo/*", "openais/x"}, []wire.PlanLimit{of("", 5)}, "not included"},
		"of one of those it has":   {"openai/*", []string{"openai/x"}, nil, "no limit"},
	} {
		o := wire.Offer{PlanTerms: wire.PlanTerms{Models: c.models, Limits: c.limits}}
		if got := limited(&o, of(c.only, 0)); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}
