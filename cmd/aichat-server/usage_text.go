package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/usage"
)

// headOf is the first column's heading.
func headOf(by string) string { return strings.ToUpper(by) }

// cut is text of at most so many characters.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// shortNumber is a number in at most five characters: 999, 1.2k, 34.5M.
func shortNumber(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1_000_000_000_000, "T"}, {1_000_000_000, "G"}, {1_000_000, "M"}, {1_000, "k"}} {
		if n < unit.size {
			continue
		}
		tenths := n / (unit.size / 10)
		if tenths >= 1000 {
			return fmt.Sprint(tenths/10) + unit.name
		}
		return fmt.Sprintf("%d.%d%s", tenths/10, tenths%10, unit.name)
	}
	return strconv.FormatInt(n, 10)
}

// shortDollars is an amount without its cents where they do not matter.
func shortDollars(micro int64) string {
	if micro < 10_000_000_000 {
		return usage.Dollars(micro)
	}
	return "$" + usage.Grouped((micro+500_000)/1_000_000)
}

// costOf is what calls cost, with a mark where the price of some is not known.
func costOf(s *wire.UsageSums) string {
	switch {
	case s.UnpricedCalls == 0:
		return shortDollars(s.CostMicroUSD)
	case s.CostMicroUSD == 0:
		return "?"
	}
	return shortDollars(s.CostMicroUSD) + "+?"
}

// printUsageCSV writes all rows and columns, for other programs (RFC 4180).
func printUsageCSV(w io.Writer, sum *wire.AdminUsage) error {
	out := csv.NewWriter(w)
	head := []string{sum.By, "title", "calls", "failed_calls", "input", "cached_read", "cached_write", "output", "reasoning", "tokens",
		"cost_microusd", "uncharged_microusd", "estimated_calls", "unpriced_calls"}
	if err := out.Write(head); err != nil {
		return err
	}
	write := func(key, title string, r *wire.UsageRow) error {
		cells := []string{harmless(key), harmless(title)}
		a := &r.All
		for _, n := range []int64{a.Calls, a.FailedCalls, a.Input, a.CachedRead, a.CachedWrite, a.Output, a.Reasoning, a.Tokens, a.CostMicroUSD,
			r.Uncharged.CostMicroUSD, a.EstimatedCalls, a.UnpricedCalls} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		return out.Write(cells)
	}
	for i := range sum.Rows {
		if err := write(sum.Rows[i].Key, sum.Rows[i].Title, &sum.Rows[i]); err != nil {
			return err
		}
	}
	if sum.Rest != nil {
		if err := write("", fmt.Sprintf("(%d more)", sum.Left), sum.Rest); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps others' words from being a formula where a spreadsheet reads them.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
