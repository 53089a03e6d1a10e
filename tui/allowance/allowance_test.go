package allowance_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
)

func limit(scope, subject, unit string, used, held, most int64) wire.Limit {
	return wire.Limit{Scope: scope, Subject: subject, Period: "month", Unit: unit, Used: used, Held: held, Most: most}
}

func TestTightest(t *testing.T) {
	t.Parallel()
	half := limit("account", "", "tokens", 40, 10, 100)
	for name, c := range map[string]struct {
		other wire.Limit
		want  int
	}{
		"less is left":         {limit("account", "", "micro_usd", 90, 0, 100), 1},
		"more is left":         {limit("account", "", "micro_usd", 9, 0, 100), 0},
		"more, but fewer":      {limit("account", "", "messages", 1, 0, 4), 0},
		"nothing is left":      {limit("member", "m", "messages", 9, 0, 4), 1},
		"nothing there is":     {limit("account", "", "messages", 0, 0, 0), 1},
		"of the model":         {limit("model", "a/b", "messages", 3, 0, 4), 1},
		"of another model":     {limit("model", "a/c", "messages", 4, 0, 4), 0},
		"of a key":             {limit("key", "k", "messages", 4, 0, 4), 0},
		"more than multiplies": {limit("account", "", "tokens", 1, 0, math.MaxInt64), 0},
	} {
		l := &wire.Limits{Metered: true, Limits: []wire.Limit{half, c.other}}
		if got := allowance.Tightest(l, "a/b"); got != &l.Limits[c.want] {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := allowance.Tightest(&wire.Limits{}, ""); got != nil {
		t.Errorf("without limits: %+v", got)
	}
	if got := allowance.More(&wire.Limits{Limits: []wire.Limit{half}}); got != "" {
		t.Errorf("half is left, and there is said %q", got)
	}
	if got := allowance.More(&wire.Limits{Limits: []wire.Limit{half, limit("account", "", "tokens", 80, 0, 100)}}); !strings.HasSuffix(got, "aichat upgrade") {
		t.Errorf("little is left, and there is said %q", got)
	}
	if got := allowance.Tightest(nil, ""); got != nil {
		t.Errorf("not known: %+v", got)
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int64{{0, 100, 0}, {79, 100, 0}, {80, 100, 80}, {89, 100, 80}, {90, 100, 90}, {99, 100, 90}, {100, 100, 100},
		{500, 100, 100}, {2, 3, 0}, {3, 3, 100}, {0, 0, 100}} {
		l := limit("account", "", "tokens", c[0], 0, c[1])
		if got := allowance.Level(&l); got != c[2] {
			t.Errorf("%d of %d: %d, not %d", c[0], c[1], got, c[2])
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 21, 0, 0, 0, time.FixedZone("", 3600))
	money := limit("account", "", "micro_usd", 1_800_000, 0, 2_000_000)
	money.ResetsAt = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	daily := wire.Limit{Scope: "model", Subject: "a/b", Period: "day", Unit: "messages", Used: 3, Held: 1, Most: 3, ResetsAt: now.Add(3 * time.Hour)}
	for got, want := range map[string]string{
		allowance.Brief(&money):            "$0.20 left this month",
		allowance.Brief(&daily):            "0 messages left today",
		allowance.Rest(&money):             "$0.20 of $2.00 a month",
		allowance.Rest(&daily):             "0 of 3 messages a day of a/b",
		allowance.Kind(&money):             "dollars a month",
		allowance.Kind(&daily):             "messages a day of a/b",
		allowance.Reached(&money, now):     "90 % of $2.00 a month are used: $0.20 left this month. It begins anew in 7 d 4 h, on 1 December at 01:00 your time.",
		allowance.Reached(&daily, now):     "The limit of 3 messages a day of a/b is reached. It begins anew in 3 h, tomorrow at 00:00 your time.",
		allowance.Resets(now, now):         "It begins anew now.",
		allowance.Amount("tokens", 12_000): "12k tokens",
		allowance.Amount("messages", 1):    "1 message",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]wire.Rates{
		"":                             {},
		"At most 1 question a minute.": {RequestsPerMinute: 1},
		"At most 2 answers at once.":   {Streams: 2, SessionStreams: 2},
		"At most 1 answer at once for each sign-in.": {SessionStreams: 1},
		"At most 10 questions a minute, 200,000 tokens a minute, 3 answers at once, 2 answers at once for each sign-in.": {RequestsPerMinute: 10, TokensPerMinute: 200_000, Streams: 3, SessionStreams: 2},
	} {
		if got := allowance.Rates(&r); got != want {
			t.Errorf("%+v: %q, not %q", r, got, want)
		}
	}
}
