package main

import (
	"cmp"
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

type ledgerOptions struct {
	rangeOptions
	model, chat string
	limit       int
	csv, json   bool
}

// usageLedger tells each call of a provider, and how its cost came about.
func (p *program) usageLedger() *cobra.Command {
	o := ledgerOptions{}
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "List every call of a provider, and how its cost came about",
		Long: `List every call of a provider, newest first: answers, titles and each attempt at
them, with the tokens and the price it was computed at. Nothing is ever changed
or left out, and what is used and left is the sum of these rows.

In a pipe there is one call a line: id, time, kind, model, tokens, cost in
dollars, yes for charged, and how the cost came about, with tabs between.`,
		Example: `  aichat usage ledger
  aichat usage ledger --from 7d --model anthropic/claude-sonnet-5-5
  aichat usage ledger --from last-month --limit 0 --csv > ledger.csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.orAsJSON(cmd.Context(), o.json, inFlags(p.runLedger(cmd.Context(), o), o.rangeOptions))
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.model, "model", "m", "", "only calls of this `MODEL`, as provider/name")
	f.StringVar(&o.chat, "chat", "", "only calls for the conversation with this `ID`")
	f.IntVarP(&o.limit, "limit", "l", 30, "at most `N`; 0: all")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	f.BoolVar(&o.json, "json", false, "print a JSON array")
	o.flags(f)
	f.Lookup("from").Usage = "from the beginning of `WHEN`"
	p.completeModel(cmd)
	p.completeChatFlag(cmd)
	p.completeRange(cmd)
	return cmd
}

func (p *program) runLedger(ctx context.Context, o ledgerOptions) error {
	if err := checkOutput(o.limit, o.csv, o.json); err != nil {
		return err
	}
	q, err := p.usageQuery(o.rangeOptions)
	if err != nil {
		return err
	}
	return p.withClient(ctx, func(c *client.Client) error {
		ask := client.LedgerQuery{From: q.From, To: q.To, TimeZone: q.TimeZone, Member: q.Member, Model: o.model, Limit: min(o.limit, 100)}
		if o.chat != "" {
			chat, err := c.ConversationByPrefix(ctx, o.chat)
			if err != nil {
				return err
			}
			ask.Conversation = chat.ID
		}
		rows, err := ledgerRows(ctx, c, ask, o.limit)
		if err != nil {
			return err
		}
		return p.showLedger(rows, o)
	})
}

// ledgerRows collects at most limit rows; 0 is all.
func ledgerRows(ctx context.Context, c *client.Client, q client.LedgerQuery, limit int) ([]wire.LedgerRow, error) {
	rows := []wire.LedgerRow{}
	for row, err := range c.AllLedger(ctx, q) {
		if err != nil {
			return nil, err
		}
		if rows = append(rows, row); limit > 0 && len(rows) == limit {
			break
		}
	}
	return rows, nil
}

func (p *program) showLedger(rows []wire.LedgerRow, o ledgerOptions) error {
	switch {
	case o.json:
		return p.printJSON(rows)
	case o.csv:
		return p.print(asCSV([][]string{ledgerCSVHead}) + ledgerCSV(rows))
	case !p.out.terminal:
		return p.print(ledgerLines(rows))
	case len(rows) == 0:
		return p.print(p.canvas().noRows(o))
	}
	return p.page(p.people(ledgerText(rows, p.canvas())))
}

// noRows says that the ledger has no row of what was asked for, and where to look.
func (c canvas) noRows(o ledgerOptions) string {
	var which []string
	var by string
	for _, asked := range []struct{ value, words, group string }{
		{o.member, "of that member", wire.ByMember},
		{o.model, "of that model", wire.ByModel},
		{o.chat, "for that chat", wire.ByConversation},
	} {
		if asked.value != "" {
			which, by = append(which, asked.words), cmp.Or(by, asked.group)
		}
	}
	switch {
	case len(which) == 0 && o.ranged():
		return c.nothing(o.rangeOptions, "aichat usage ledger")
	case len(which) == 0:
		return c.rows("The ledger is empty: nothing was used yet. To begin: aichat ask hello")
	}
	text := "No call " + strings.Join(which, " and ") + " is in the ledger"
	if o.ranged() {
		text += " in this time"
	}
	return c.rows(text + ". Those that are: aichat usage --by " + by)
}

// ledgerLines is the ledger for programs.
func ledgerLines(rows []wire.LedgerRow) string {
	var b strings.Builder
	for i := range rows {
		r := &rows[i]
		b.WriteString(strings.Join([]string{
			oneLine(r.ID), stamp(r.At), oneLine(r.Kind), oneLine(r.Model), fmt.Sprint(tokensOf(r)), plainDollars(r.CostMicroUSD), yesNo(r.Charged), oneLine(r.Explanation),
		}, "\t") + "\n")
	}
	return b.String()
}

func tokensOf(r *wire.LedgerRow) int64 { return r.Input + r.CachedRead + r.CachedWrite + r.Output }

// ledgerText is the ledger for people: each call, and below it its sum. Whose it was
// is said where they are several members'.
func ledgerText(rows []wire.LedgerRow, c canvas) string {
	several := slices.ContainsFunc(rows, func(r wire.LedgerRow) bool { return r.Member != rows[0].Member })
	var b strings.Builder
	for i := range rows {
		r := &rows[i]
		cost := figure.Exact(r.CostMicroUSD)
		if r.Price == nil {
			cost = "price unknown"
		}
		head := []string{c.dim(r.At.In(c.now.Location()).Format("2 Jan 15:04")), oneLine(r.Model), c.bold(cost)}
		for _, word := range ledgerWords(r) {
			head = append(head, c.dim(word))
		}
		if several && r.MemberName != "" {
			head = append(head, c.dim("by "+oneLine(r.MemberName)))
		}
		b.WriteString(terminal.Truncate(strings.Join(head, gutter), c.width, c.dots) + "\n")
		const indent = "    "
		for _, row := range terminal.Wrap(oneLine(r.Explanation), c.width-len(indent)) {
			b.WriteString(indent + row + "\n")
		}
	}
	return b.String()
}

// ledgerWords are what is unusual about a call, and what it was for.
func ledgerWords(r *wire.LedgerRow) (words []string) {
	if r.Kind != "answer" {
		words = append(words, oneLine(r.Kind))
	}
	if r.Outcome != "completed" {
		words = append(words, oneLine(r.Outcome))
	}
	if r.Title != "" {
		words = append(words, oneLine(r.Title))
	}
	return words
}
