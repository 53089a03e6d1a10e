package dialog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// year is more days than any screen has columns for.
func year() *wire.UsageSummary {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := &wire.UsageSummary{By: wire.ByDay, From: from, To: from.AddDate(1, 0, 0), TimeZone: "UTC",
		All: wire.UsageSums{Calls: 365, Tokens: 1 << 40, CostMicroUSD: 1 << 50},
		Limits: wire.Limits{Metered: true, Plan: strings.Repeat("plan ", 9), Limits: []wire.Limit{
			{Scope: "model", Subject: strings.Repeat("m", 60), Unit: "tokens", Period: "day", Used: 1, Most: 1 << 60},
		}},
		Projection: &wire.Projection{Text: strings.Repeat("arithmetic ", 20)},
	}
	for d := range 365 {
		s.Rows = append(s.Rows, wire.UsageRow{Key: from.AddDate(0, 0, d).Format(time.DateOnly), All: wire.UsageSums{Calls: 1, CostMicroUSD: int64(d) << 40}})
	}
	return s
}

func TestUsageFitsItsBox(t *testing.T) {
	t.Parallel()
	models := *year()
	models.By, models.Rows = wire.ByModel, []wire.UsageRow{{Key: strings.Repeat("日本", 40), All: models.All}}
	for _, o := range []theme.Options{{}, {ASCII: true}, {Accessible: true}} {
		u := dialog.NewUsage(theme.New(o), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
		u.SetSummary(year())
		u.SetSummary(&models)
		u.SetAdvice(&wire.AdviceReport{Advice: []wire.Advice{{Title: strings.Repeat("title ", 30), Saw: strings.Repeat("w", 300), Command: "aichat", SavesMicroUSD: 1}}})
		u.Fail(strings.Repeat("It failed. ", 30))
		for _, size := range [][2]int{{38, 9}, {60, 15}, {78, 21}, {118, 40}, {198, 47}} {
			box := u.View(size[0], size[1])
			if len(box) > size[1] {
				t.Errorf("%d rows, not %d", len(box), size[1])
			}
			for _, row := range box {
				if terminal.Width(row) > size[0] {
					t.Errorf("%v: %d cells: %q", size, terminal.Width(row), row)
				}
			}
			u.Key(tea.KeyPressMsg{Code: tea.KeyEnd})
		}
	}
}

// BenchmarkUsageView is a frame of the dialog when all of it has come: it is laid
// out once.
func BenchmarkUsageView(b *testing.B) {
	u := dialog.NewUsage(theme.New(theme.Options{}), time.Now())
	u.SetSummary(year())
	for b.Loop() {
		u.View(118, 40)
	}
}

// BenchmarkUsageLayout is the laying out, at a width that changes each time.
func BenchmarkUsageLayout(b *testing.B) {
	u := dialog.NewUsage(theme.New(theme.Options{}), time.Now())
	u.SetSummary(year())
	for width := 100; b.Loop(); width = 218 - width {
		if len(u.View(width, 40)) == 0 {
			b.Fatal(fmt.Sprint("nothing at ", width))
		}
	}
}
