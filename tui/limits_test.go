package tui_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

// evening is when these tests take place, an hour east of Greenwich.
func evening() time.Time {
	return time.Date(2026, 11, 23, 21, 0, 0, 0, time.FixedZone("", 3600))
}

func spent(usd int64) wire.Limits {
	return wire.Limits{Metered: true, Plan: "free", Limits: []wire.Limit{
		{Scope: "account", Period: "month", Unit: "micro_usd", Used: usd, Most: 2_000_000, ResetsAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)},
		{Scope: "account", Period: "day", Unit: "messages", Used: 3, Most: 100, ResetsAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)},
	}}
}

func metered(t *testing.T, f *tuitest.Fake) *tuitest.Driver {
	t.Helper()
	return tuitest.Drive(t, tui.Options{Backend: f, Now: evening}, 90, 24)
}

// untilSaid waits for a text, wherever its lines break.
func untilSaid(d *tuitest.Driver, text string) {
	d.Until(text, func() bool { return strings.Contains(strings.Join(strings.Fields(d.Screen()), " "), text) })
}

func TestWhatIsLeft(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Allowance = spent(500_000)
	d := metered(t, f)
	d.UntilShown("$1.50 left this month")
	f.SetAllowance(spent(1_990_000))
	d.UntilShown("$0.01 left this month")
}

func TestNothingIsSaidWithoutLimits(t *testing.T) {
	t.Parallel()
	d := metered(t, tuitest.NewFake())
	d.UntilShown("local")
	if s := d.Screen(); strings.Contains(s, "left") {
		t.Errorf("the owner is told of limits:\n%s", s)
	}
}

// TestWarnedOnce: the server says once that a level was passed; the same is not
// said again because the limits tell it too, nor when the program starts anew.
func TestWarnedOnce(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Allowance = spent(1_500_000)
	turn := begun(f)
	d := metered(t, f)
	d.UntilShown("$0.50 left")
	d.Type("why?")
	d.Key("enter")
	tn := turn(d)
	tn.Say("Because.")
	tn.Event(tui.Event{Name: wire.EventNotice, Notice: &wire.Notice{Code: wire.NoticeQuota, Text: "80 % of the plan's limit are used: $1.60 of $2.00 a month."}})
	tn.End(wire.Message{})
	f.SetAllowance(spent(1_600_000))
	untilSaid(d, "80 % of the plan's limit are used")
	d.UntilShown("$0.40 left")
	if s := d.Screen(); strings.Contains(s, "begins anew") {
		t.Errorf("it is said twice:\n%s", s)
	}
	d.Key("esc")
	d.UntilGone("80 %")
	f.SetAllowance(spent(1_700_000))
	d.UntilShown("$0.30 left")
	if s := d.Screen(); strings.Contains(s, "80 %") {
		t.Errorf("it is said again:\n%s", s)
	}

	again := metered(t, f)
	again.UntilShown("$0.30 left")
	if s := again.Screen(); strings.Contains(s, "80 %") {
		t.Errorf("it is said again after a start:\n%s", s)
	}
}

// TestWarnedOfAnothersUse: what another program of the account uses is told, once.
func TestWarnedOfAnothersUse(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Allowance = spent(1_500_000)
	d := metered(t, f)
	d.UntilShown("$0.50 left")
	f.SetAllowance(spent(1_800_000))
	untilSaid(d, "90 % of $2.00 a month are used: $0.20 left this month. It begins anew in 7 d 4 h, on 1 December at 01:00 your time.")
	d.Key("esc")
	f.SetAllowance(spent(2_000_000))
	d.UntilShown("The limit of $2.00 a month is reached.")
}

func TestRefusedByQuota(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Allowance = spent(2_000_000)
	f.Refuse = &tui.Failure{Code: wire.QuotaExhausted, Subject: "account.month.micro_usd", After: 3 * time.Hour, Err: errors.New("402"),
		Text: "The plan Free allows $2.00 a month: $2.00 used. It resets on 2026-11-24 at 00:00 UTC. The plan Pro allows more. To get it, type: aichat upgrade"}
	d := metered(t, f)
	d.Type("precious")
	d.Key("enter")
	untilSaid(d, "To get it, type: aichat upgrade. In your time it resets tomorrow at 00:00, in 3 h. Your text is back.")
	d.UntilShown("› precious")
}

func TestCostAhead(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Catalogue.Models = []wire.Model{{ID: "a/b", Provider: "a", Context: 100_000, Usable: true, Default: true, Price: &wire.Price{Input: 3_000_000}}}
	turn := begun(f)
	d := metered(t, f)
	d.UntilShown("a/b")
	d.Type("short")
	if s := d.Screen(); strings.Contains(s, "~") {
		t.Errorf("a short prompt is a matter of cost:\n%s", s)
	}
	d.Paste(strings.Repeat("0123456789abcde\n", 3_000)) // 12 000 tokens
	d.UntilShown(" ~12k tokens, about $0.036 before the answer ")
	d.Key("ctrl+c")
	d.UntilGone("before the answer")

	d.Type("how?")
	d.Key("enter")
	tn := turn(d)
	tn.Say("So.")
	tn.End(wire.Message{Usage: &wire.Usage{Input: 40_000, CachedRead: 20_000, Output: 2_000, Reasoning: 1_000}})
	d.UntilGone("answering")
	d.Type("and?")
	d.UntilShown("~61k tokens, about $0.18 before the answer")
	d.Key("ctrl+c")
	d.Paste(strings.Repeat("0123456789abcde\n", 10_000))
	d.UntilShown("the oldest messages do not fit: ~100k tokens, about $0.30 before")
	d.Paste(strings.Repeat("0123456789abcde\n", 16_000))
	d.UntilShown("more than the model's window of 100k")
}

// What is said now and what the prompt will cost share a line, or have one each.
func TestCostAheadBesideWhatIsSaid(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	d := tuitest.Drive(t, tui.Options{Backend: f}, 60, 24)
	d.UntilShown("local")
	d.Paste(strings.Repeat("0123456789abcde\n", 3_000))
	d.UntilShown("~12k tokens")
	d.Send(tea.KeyPressMsg{Code: 'y', Mod: tea.ModCtrl})
	d.UntilShown("~12k tokens")
	d.UntilShown("There is no answer to copy yet.")
	for line := range strings.SplitSeq(d.Screen(), "\n") {
		if width(line) > 60 {
			t.Errorf("too wide: %q", line)
		}
	}
}
