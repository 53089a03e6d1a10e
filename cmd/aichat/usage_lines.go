package main

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/spending"
)

// summaryLines is a summary for programs.
func summaryLines(s *wire.UsageSummary) string {
	var b strings.Builder
	line := func(r *wire.UsageRow) {
		b.WriteString(strings.Join([]string{
			oneLine(r.Key), oneLine(r.Title), fmt.Sprint(r.All.Calls), fmt.Sprint(r.All.Tokens), plainDollars(r.All.CostMicroUSD),
		}, "\t") + "\n")
	}
	for i := range s.Rows {
		line(&s.Rows[i])
	}
	if rest := spending.Rest(s); rest != nil {
		line(rest)
	}
	return b.String()
}

// usageCSV is a summary for spreadsheets: its rows add up to all.
func usageCSV(s *wire.UsageSummary) string {
	rows := [][]string{{
		s.By, "title", "calls", "input", "cached_read", "cached_write", "cached_write_long", "output", "reasoning", "tokens", "cost_microusd",
		"uncharged_calls", "uncharged_microusd", "estimated_calls", "estimated_microusd", "unpriced_calls", "failed_calls",
	}}
	add := func(r *wire.UsageRow) {
		a, u := &r.All, &r.Uncharged
		rows = append(rows, append([]string{cell(r.Key), cell(r.Title)}, numbers(
			a.Calls, a.Input, a.CachedRead, a.CachedWrite, a.CachedWriteLong, a.Output, a.Reasoning, a.Tokens, a.CostMicroUSD,
			u.Calls, u.CostMicroUSD, a.EstimatedCalls, a.EstimatedMicroUSD, a.UnpricedCalls, a.FailedCalls)...))
	}
	for i := range s.Rows {
		add(&s.Rows[i])
	}
	if rest := spending.Rest(s); rest != nil {
		add(rest)
	}
	return asCSV(rows)
}

// ledgerCSVHead is the first line of a ledger as CSV.
var ledgerCSVHead = []string{
	"id", "at", "ended_at", "kind", "attempt", "outcome", "model", "member", "conversation", "title", "turn", "key_id", "request_id",
	"input", "cached_read", "cached_write", "cached_write_long", "output", "reasoning", "estimated",
	"price_input", "price_cached_read", "price_cached_write", "price_output", "price_above", "price_from", "cost_microusd", "charged", "explanation",
}

// ledgerCSV is some rows of the ledger as CSV, without a head.
func ledgerCSV(rows []wire.LedgerRow) string {
	var all [][]string
	for i := range rows {
		r := &rows[i]
		price := []string{"", "", "", ""}
		if p := r.Price; p != nil {
			price = numbers(p.Input, p.CachedRead, p.CachedWrite, p.Output)
		}
		row := []string{cell(r.ID), stamp(r.At), stamp(r.EndedAt), cell(r.Kind), strconv.Itoa(r.Attempt), cell(r.Outcome), cell(r.Model),
			cell(r.Member), cell(r.Conversation), cell(r.Title), cell(r.Turn), cell(r.KeyID), cell(r.RequestID)}
		row = append(row, numbers(r.Input, r.CachedRead, r.CachedWrite, r.CachedWriteLong, r.Output, r.Reasoning)...)
		row = append(append(row, yesNo(r.Estimated)), price...)
		all = append(all, append(row, fmt.Sprint(r.PriceAbove), cell(r.PriceFrom), fmt.Sprint(r.CostMicroUSD), yesNo(r.Charged), cell(r.Explanation)))
	}
	return asCSV(all)
}

func asCSV(rows [][]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // to memory
	return b.String()
}

// cell is a text for a spreadsheet: one line, and never a formula, whoever wrote
// it.
func cell(text string) string {
	text = oneLine(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

func numbers(all ...int64) []string {
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return texts
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// plainDollars are micro-dollars as a plain number, to the last of them.
func plainDollars(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	return fmt.Sprintf("%s%d.%06d", sign, micro/1_000_000, micro%1_000_000)
}
