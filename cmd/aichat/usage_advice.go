package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
)

// usageAdvice tells how the same could have cost less.
func (p *program) usageAdvice() *cobra.Command {
	o := qualityOptions{}
	cmd := &cobra.Command{
		Use:   "advice",
		Short: "Show how the same could have cost less",
		Long: `Show how the same could have cost less: cheaper models of the same kind, prompts
that were not read from a cache, chats that have grown too long, a plan that is
not used. Each comes from your own ledger, and shows its sum.

In a pipe there is one suggestion a line: rule, subject, savings in dollars,
title, what was seen, the sum, what to do and what to type, with tabs between.`,
		Example: "  aichat usage advice\n  aichat usage advice --from 30d",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.orAsJSON(cmd.Context(), o.json, inFlags(p.runAdvice(cmd.Context(), o), o.rangeOptions))
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON object")
	o.flags(cmd.Flags())
	p.completeRange(cmd)
	return cmd
}

func (p *program) runAdvice(ctx context.Context, o qualityOptions) error {
	q, err := p.usageQuery(o.rangeOptions)
	if err != nil {
		return err
	}
	return p.withClient(ctx, func(c *client.Client) error {
		report, err := c.UsageAdvice(ctx, q)
		switch {
		case err != nil:
			return err
		case o.json:
			return p.printJSON(report)
		case !p.out.terminal:
			return p.print(adviceLines(report.Advice))
		}
		return p.page(p.people(adviceText(&report, o.rangeOptions, p.canvas())))
	})
}

func adviceLines(all []wire.Advice) string {
	var b strings.Builder
	for i := range all {
		a := &all[i]
		b.WriteString(strings.Join([]string{oneLine(a.Rule), oneLine(a.Subject), plainDollars(a.SavesMicroUSD), oneLine(a.Title), oneLine(a.Saw),
			oneLine(a.Sum), oneLine(a.Do), oneLine(a.Command)}, "\t") + "\n")
	}
	return b.String()
}

func adviceText(r *wire.AdviceReport, o rangeOptions, c canvas) string {
	if r.Calls == 0 {
		return c.nothing(o, "aichat usage advice")
	}
	looked := count(int(r.Calls), "call") + " of " + figure.Money(r.CostMicroUSD)
	if len(r.Advice) == 0 {
		return "Nothing to advise. " + sentence(looked+" were looked at") + "\n"
	}
	var b strings.Builder
	for i := range r.Advice {
		a := &r.Advice[i]
		title := c.bold(oneLine(a.Title))
		if a.SavesMicroUSD > 0 {
			title += c.good("  saves " + figure.Money(a.SavesMicroUSD))
		}
		b.WriteString(title + "\n")
		for _, text := range []string{a.Saw, a.Sum, a.Do} {
			b.WriteString(inset(oneLine(text), c.width))
		}
		if a.Command != "" {
			b.WriteString("    " + oneLine(a.Command) + "\n")
		}
		b.WriteString("\n")
	}
	return b.String() + c.dim(sentence(looked+" were looked at")) + "\n"
}

// inset is a text in rows that begin with two spaces; nothing of nothing.
func inset(text string, width int) string {
	if text == "" {
		return ""
	}
	return "  " + strings.Join(terminal.Wrap(text, width-2), "\n  ") + "\n"
}
