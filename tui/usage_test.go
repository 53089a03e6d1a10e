package tui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/theme"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func sums(calls, tokens, micro int64) wire.UsageSums {
	return wire.UsageSums{Calls: calls, Tokens: tokens, CostMicroUSD: micro}
}

// spend fills a Fake with a month's usage.
func spend(f *tuitest.Fake) {
	month := wire.UsageSummary{
		From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), TimeZone: "Europe/Berlin",
		Period: true, All: sums(143, 1_234_567, 1_834_567), Uncharged: sums(3, 1000, 20_000), Limits: spent(1_814_567),
		Projection: &wire.Projection{CostMicroUSD: 2_412_345, Tokens: 1_600_000, Text: "$1.834567 in 22.8 of 30.0 days: at this pace $2.412345 by the end"},
	}
	month.Limits.Title = "Free"
	models := month
	for day := range 23 {
		r := wire.UsageRow{Key: fmt.Sprintf("2026-11-%02d", day+1)}
		if n := int64(day * 7 % 11); day%5 < 3 {
			r.All = sums(n+1, (n+1)*10_000, n*n*4321)
		}
		month.Rows = append(month.Rows, r)
	}
	models.Rows = []wire.UsageRow{
		{Key: "anthropic/claude-opus-4-1-20250805", All: sums(40, 800_000, 1_500_000)},
		{Key: "openai/gpt-5\x1b[2J", All: sums(90, 400_000, 334_567)},
		{Key: "ollama/llama", All: wire.UsageSums{Calls: 1, Tokens: 4_567, UnpricedCalls: 1}},
	}
	models.Left, models.Rest = 4, &wire.UsageRow{All: sums(12, 30_000, 0)}
	f.Used = map[string]wire.UsageSummary{wire.ByDay: month, wire.ByModel: models}
	f.Advised = wire.AdviceReport{Advice: []wire.Advice{{
		Title: "A cheaper model of the same kind", Saw: "90 answers of openai/gpt-5 cost $0.334567.", Sum: "400,000 tokens at the price of gpt-5-mini are $0.07.",
		Do: "Try it for a while.", Command: "aichat --model openai/gpt-5-mini", SavesMicroUSD: 264_567,
	}}}
}

// untilAllUsage waits until all of the usage dialog has come, and shows its
// beginning.
func untilAllUsage(d *tuitest.Driver) {
	d.Until("all of it", func() bool {
		d.Key("end")
		return strings.Contains(d.Screen(), "By model") && strings.Contains(d.Screen(), "saves")
	})
	d.Key("home")
}

func TestUsageForAScreenReader(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]theme.Options{"ascii": {ASCII: true}, "accessible": {Accessible: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := library()
			spend(f)
			d := tuitest.Drive(t, tui.Options{Backend: f, Now: evening, Theme: o}, 80, 40)
			d.UntilShown("local")
			d.UntilShown("demo/demo")
			d.Key("f3")
			untilAllUsage(d)
			golden(t, "usage-80x40-"+name, d)
			if strings.ContainsAny(d.Screen(), "█▁░╭") {
				t.Errorf("marks:\n%s", d.Screen())
			}
		})
	}
}

func TestUsageThatCannotBeHad(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	d := drive(t, f)
	d.UntilShown("local")
	f.SetDown(&tui.Failure{Code: wire.NotFound, Text: "There is nothing at this path."})
	d.Key("f3")
	d.UntilShown("Usage could not be had. There is nothing at this path.")
	d.Key("esc")
	d.UntilGone("could not be had")
}

func TestUsageOfNothing(t *testing.T) {
	t.Parallel()
	d := drive(t, tuitest.NewFake())
	d.Key("alt+u")
	d.UntilShown("Nothing was used in this time.")
	d.Key("q")
	d.UntilGone("Nothing was used in this time.")
}

func answered(t *testing.T) (*tuitest.Fake, *tuitest.Driver) {
	t.Helper()
	f := tuitest.NewFake()
	f.Auto = func(string) string { return "So it is." }
	d := drive(t, f)
	d.Type("is it?")
	d.Key("enter")
	d.UntilShown("So it is.")
	d.UntilGone("answering")
	return f, d
}

func TestRating(t *testing.T) {
	t.Parallel()
	_, d := answered(t)
	d.Key("alt+=")
	d.UntilShown("  rated well")
	d.UntilShown("the same key takes it back")
	d.Key("alt+=")
	d.UntilShown("The rating is taken back.")
	d.UntilGone("rated well")

	d.Key("tab", "-")
	d.Type("wrong")
	d.Key("backspace")
	d.Type("g number")
	d.Key("enter")
	d.UntilShown("rated badly: wrong number")
	d.Key("+")
	d.UntilShown("rated well; the same key") // another rating has no old reason
	d.Key("w")
	d.Type("short")
	d.Key("enter")
	d.UntilShown("rated well: short")
	d.Key("+")
	d.UntilShown("The rating is taken back.")
	d.Key("w")
	d.UntilShown("It is not rated yet")
}

func TestRatingNeedsNoReason(t *testing.T) {
	t.Parallel()
	_, d := answered(t)
	d.Key("alt+-", "esc")
	d.UntilShown("rated badly")
	d.Type("go on")
	d.UntilShown("› go on")
}

func TestStatusFollowsTheLastRating(t *testing.T) {
	t.Parallel()
	_, d := answered(t)
	d.Key("alt+=")
	d.UntilShown("The answer is rated well; the same key takes it back.")
	d.Key("alt+-")
	d.UntilShown("The answer is rated badly.")
	d.UntilShown("esc leaves the rating without a reason")
	d.UntilGone("The answer is rated well")
	d.Key("esc", "alt+-")
	d.UntilShown("The rating is taken back.")
	d.Key("alt+-")
	d.UntilShown("The answer is rated badly.")
	d.UntilGone("The rating is taken back.")
}

func TestRatingThatFails(t *testing.T) {
	t.Parallel()
	f, d := answered(t)
	f.SetDown(&tui.Failure{Text: "Nobody answers", Err: errors.New("down")})
	d.Key("alt+=")
	d.UntilShown("It could not be rated: Nobody answers.")
	f.SetDown(nil)
	d.Key("alt+=")
	d.UntilShown("  rated well")
}

func TestNothingToRate(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.Key("alt+-")
	d.UntilShown("There is no answer to rate here.")
	d.Type("is it?")
	d.Key("enter")
	tn := turn(d)
	tn.Say("So")
	d.UntilShown("So")
	d.Key("alt+=")
	d.UntilShown("There is no answer to rate here.")
	tn.End(wire.Message{})
}
