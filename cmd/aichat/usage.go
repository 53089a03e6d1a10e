package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// usageGroups are what --by may say, in the order of the help.
var usageGroups = []string{
	wire.ByDay, wire.ByHour, wire.ByModel, wire.ByProvider, wire.ByConversation, wire.ByMember, wire.ByKey, wire.ByKind,
}

type usageOptions struct {
	rangeOptions
	by        string
	limit     int
	csv, json bool
}

// usageCommand tells what was used, what it cost and what is left.
func (p *program) usageCommand() *cobra.Command {
	o := usageOptions{}
	cmd := &cobra.Command{
		Use:   "usage",
		Short: "Show what was used, what it cost and what is left",
		Long: `Show what was used and what it cost: this period by day, where it is going,
and what is left of the plan. On this machine's own server it is what your own
keys cost at their providers; nothing is charged there. A call that its provider
refuses outright costs nothing, and is not counted.

--from goes from the beginning of what it names until now, --to until the end of
what it names. Both take a date (2026-11-01), a time (RFC 3339), today,
yesterday, this-month or last-month; --from also takes a length that ends now
(7d, 24h). Days are those of your time zone.

In a pipe there is one row a line: key, title, calls, tokens and cost in
dollars, with tabs between.`,
		Example: `  aichat usage
  aichat usage --by model --from last-month --to last-month
  aichat usage --by conversation --from 7d
  aichat usage --from 2026-11-01 --to 2026-11-15 --csv > usage.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat usage --help", "There is no command %q under usage.", oneLine(args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.orAsJSON(cmd.Context(), o.json, inFlags(p.runUsage(cmd.Context(), o), o.rangeOptions))
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.by, "by", "b", wire.ByDay, "rows by `WHAT`: "+strings.Join(usageGroups, ", "))
	f.IntVarP(&o.limit, "limit", "l", 0, "at most `N` rows, and the rest in one (default: all)")
	f.BoolVar(&o.csv, "csv", false, "print CSV, with all classes of tokens")
	f.BoolVar(&o.json, "json", false, "print a JSON object")
	o.flags(f)
	p.completeFlag(cmd, "by", cobra.FixedCompletions(usageGroups, cobra.ShellCompDirectiveNoFileComp))
	p.completeRange(cmd)
	cmd.AddCommand(p.usageLedger(), p.usageModels(), p.usageAdvice())
	return cmd
}

// orAsJSON tells a failure as JSON where the result would have been.
func (p *program) orAsJSON(ctx context.Context, asJSON bool, err error) error {
	if err != nil && asJSON {
		return p.failAsJSON(ctx, err)
	}
	return err
}

func (p *program) runUsage(ctx context.Context, o usageOptions) error {
	if !slices.Contains(usageGroups, o.by) {
		return usage("Use one of: "+strings.Join(usageGroups, ", "), "Usage is not told by %q.", oneLine(o.by))
	}
	if err := checkOutput(o.limit, o.csv, o.json); err != nil {
		return err
	}
	q, err := p.usageQuery(o.rangeOptions)
	if err != nil {
		return err
	}
	q.By, q.Limit = o.by, o.limit
	return p.withClient(ctx, func(c *client.Client) error {
		sum, err := c.Usage(ctx, q)
		if err != nil {
			return err
		}
		switch {
		case o.json:
			return p.printJSON(sum)
		case o.csv:
			return p.print(usageCSV(&sum))
		case !p.out.terminal:
			return p.print(summaryLines(&sum))
		}
		return p.page(p.people(usagePage{sum: &sum, asked: o.rangeOptions, canvas: p.canvas()}.text()))
	})
}

// checkOutput refuses what cannot be printed.
func checkOutput(limit int, csv, json bool) error {
	switch {
	case limit < 0:
		return usage("Use --limit 0 for all.", "--limit must not be negative.")
	case csv && json:
		return usage("Use one of them.", "--csv and --json cannot be printed at once.")
	}
	return nil
}

// withClient lends a client of the server that is meant.
func (p *program) withClient(ctx context.Context, do func(*client.Client) error) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	return do(c)
}
