package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
)

type qualityOptions struct {
	rangeOptions
	json bool
}

// usageModels tells how well the models that were used have answered.
func (p *program) usageModels() *cobra.Command {
	o := qualityOptions{}
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Show how well the models have answered: speed, errors, ratings",
		Long: `Show how well the models that were used have answered: how many calls failed or
were refused, how long the first word and the whole answer took (half of them no
longer, and on a wide terminal 95 of 100), how often they were rated well and
badly, and what they cost. Calls that a provider turned away before working on
them (a bad key, too many requests, overloaded) are not counted.

In a pipe there is one model a line: model, calls, failed, refused, first word
and whole answer in milliseconds (half of them), ratings up and down, cost in
dollars, with tabs between.`,
		Example: "  aichat usage models\n  aichat usage models --from 30d --json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.orAsJSON(cmd.Context(), o.json, inFlags(p.runQuality(cmd.Context(), o), o.rangeOptions))
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON object")
	o.flags(cmd.Flags())
	p.completeRange(cmd)
	return cmd
}

func (p *program) runQuality(ctx context.Context, o qualityOptions) error {
	q, err := p.usageQuery(o.rangeOptions)
	if err != nil {
		return err
	}
	return p.withClient(ctx, func(c *client.Client) error {
		report, err := c.UsageModels(ctx, q)
		switch {
		case err != nil:
			return err
		case o.json:
			return p.printJSON(report)
		case !p.out.terminal:
			return p.print(qualityLines(report.Models))
		case len(report.Models) == 0:
			return p.print(p.canvas().nothing(o.rangeOptions, "aichat usage models"))
		}
		return p.page(p.people(qualityText(report.Models, p.canvas())))
	})
}

func qualityLines(models []wire.ModelQuality) string {
	var b strings.Builder
	for i := range models {
		m := &models[i]
		b.WriteString(strings.Join(append(append([]string{oneLine(m.Model)},
			numbers(m.Calls, m.Failed, m.Refused, m.FirstToken.P50MS, m.Total.P50MS, m.Up, m.Down)...), plainDollars(m.CostMicroUSD)), "\t") + "\n")
	}
	return b.String()
}

// qualityText is a table, and below each model what went wrong.
func qualityText(models []wire.ModelQuality, c canvas) string {
	const wide = 110
	t := table{head: []string{"MODEL", "CALLS", "FAILED", "REFUSED", "FIRST WORD", "WHOLE", "RATED", "COST"}}
	for i := range models {
		m := &models[i]
		t.rows = append(t.rows, []string{
			oneLine(m.Model), figure.Grouped(m.Calls), portion(m.Failed, m.Calls), portion(m.Refused, m.Calls),
			took(m.FirstToken, c.width >= wide), took(m.Total, c.width >= wide), rated(m), qualityCost(m),
		})
	}
	t = t.withoutEmpty()
	t.right = slices.Repeat([]bool{true}, len(t.head))
	t.right[0] = false
	line := c.named(t)
	var b strings.Builder
	b.WriteString(line(t.head, c.dim))
	for i := range models {
		b.WriteString(line(t.rows[i], func(text string) string { return text }))
		if wrong := wentWrong(&models[i]); wrong != "" {
			for _, row := range terminal.Wrap(wrong, c.width-2) {
				b.WriteString("  " + c.dim(row) + "\n")
			}
		}
	}
	return b.String() + "\n" + c.faint("Calls that a provider turned away before working on them (a bad key, too many requests, overloaded) are not counted.")
}

// named draws the rows of a table whose first column are names. Where one has no
// room beside its figures, all stand in lines of their own.
func (c canvas) named(t table) func(row []string, paint func(string) string) string {
	const indent = "  "
	widths := t.widths()
	used := widths[0]
	for _, w := range widths[1:] {
		used += len(gutter) + w
	}
	return func(row []string, paint func(string) string) string {
		if used <= c.width {
			return paint(t.line(row, widths)) + "\n"
		}
		figures := table{right: t.right[1:]}.line(row[1:], widths[1:])
		return paint(terminal.Truncate(row[0], c.width, c.dots)) + "\n" + paint(terminal.Truncate(indent+figures, c.width, c.dots)) + "\n"
	}
}

// qualityCost is what a model cost; of an unknown price nobody can say.
func qualityCost(m *wire.ModelQuality) string {
	if m.CostMicroUSD == 0 && m.UnpricedCalls > 0 {
		return "?"
	}
	return figure.Money(m.CostMicroUSD)
}

// portion is how many of all, as a share; empty of none.
func portion(n, of int64) string {
	if n == 0 {
		return ""
	}
	if share := figure.Percent(n, of); share > 0 {
		return fmt.Sprintf("%d %%", share)
	}
	return "<1 %"
}

// took is a distribution in words.
func took(l wire.Latency, wide bool) string {
	if l.P50MS == 0 {
		return ""
	}
	if wide {
		return millis(l.P50MS) + ", 95 %: " + millis(l.P95MS)
	}
	return millis(l.P50MS)
}

func millis(ms int64) string {
	if ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return fmt.Sprintf("%d.%d s", ms/1000, ms%1000/100)
}

func rated(m *wire.ModelQuality) string {
	if m.Up+m.Down == 0 {
		return ""
	}
	return fmt.Sprintf("+%d -%d", m.Up, m.Down)
}

// wentWrong says why calls failed, most often first.
func wentWrong(m *wire.ModelQuality) string {
	var words []string
	add := func(n int64, what string) {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, what))
		}
	}
	for _, e := range m.Errors {
		add(e.Calls, inWords(e.Code))
	}
	add(m.Retried, "tried again")
	add(m.Truncated, "cut short")
	add(m.Cancelled, "cancelled")
	add(m.Interrupted, "interrupted")
	return strings.Join(words, ", ")
}

// inWords is what went wrong, in a few words.
func inWords(code wire.Code) string {
	switch code {
	case wire.ProviderAuth:
		return "key refused"
	case wire.ProviderRateLimited:
		return "too fast for the provider"
	case wire.ProviderQuota:
		return "credit at the provider used up"
	case wire.ProviderRefused:
		return "refused by the provider"
	case wire.ProviderUnreachable:
		return "provider not reached"
	case wire.ProviderTruncated:
		return "broken off"
	case wire.ProviderMalformed:
		return "answer not understood"
	case wire.ProviderTimeout:
		return "provider too slow"
	}
	return strings.ReplaceAll(oneLine(string(code)), "_", " ")
}
