package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// howMany counts what is wrong, for people; empty: nothing is.
func howMany(found *wire.WrongCounters) string {
	var parts []string
	count := func(n int, one, more string) {
		switch {
		case n == 1:
			parts = append(parts, "one "+one)
		case n > 1:
			parts = append(parts, strconv.Itoa(n)+" "+more)
		}
	}
	count(len(found.Wrong), "counter", "counters")
	count(len(found.Hours), "sum of an hour", "sums of hours")
	return strings.Join(parts, " and ")
}

// printWrong shows what is wrong; nothing, only as JSON.
func printWrong(w io.Writer, found *wire.WrongCounters, asJSON bool) error {
	if asJSON {
		return printJSON(w, found)
	}
	if len(found.Wrong) > 0 {
		rows := [][]string{{"ACCOUNT OF", "FROM", "", "STORED", "REALLY", "COUNTER"}}
		for i := range found.Wrong {
			rows = append(rows, counterRows(&found.Wrong[i])...)
		}
		if err := printTable(w, rows); err != nil {
			return err
		}
	}
	if len(found.Hours) == 0 {
		return nil
	}
	rows := [][]string{{"ACCOUNT OF", "HOUR (UTC)", "", "STORED", "REALLY", "SUMS OF"}}
	for i := range found.Hours {
		rows = append(rows, hourRows(&found.Hours[i])...)
	}
	return printTable(w, rows)
}

// counterRows are the units of a counter that are wrong.
func counterRows(c *wire.WrongCounter) (rows [][]string) {
	who := cut(cmp.Or(c.User, shortID(c.Account)), widestTitle)
	what := c.Scope
	if c.Subject != "" {
		what += " " + c.Subject
	}
	line := func(unit quota.Unit, how string, stored, really int64) {
		if stored != really {
			rows = append(rows, []string{who, c.Starts.Format("2006-01-02"), how, quota.Quantity(unit, stored), quota.Quantity(unit, really),
				what + " a " + c.Period})
		}
	}
	for _, of := range []struct {
		how          string
		stored, real wire.Amount
	}{{"used", c.Stored.Used, c.Real.Used}, {"held", c.Stored.Held, c.Real.Held}} {
		line(quota.Messages, of.how, of.stored.Messages, of.real.Messages)
		line(quota.Tokens, of.how, of.stored.Tokens, of.real.Tokens)
		line(quota.MicroUSD, of.how, of.stored.MicroUSD, of.real.MicroUSD)
	}
	return rows
}

// hourRows are what is wrong of an hour's sums: calls, tokens and cost, or else that
// something is.
func hourRows(h *wire.WrongHour) (rows [][]string) {
	line := func(what, stored, really string) {
		rows = append(rows, []string{cut(cmp.Or(h.User, shortID(h.Account)), widestTitle), h.Starts.UTC().Format("2006-01-02 15:04"), what, stored, really, h.Of})
	}
	for _, n := range []struct {
		what         string
		stored, real int64
	}{{"calls", h.Stored.Calls, h.Real.Calls}, {"tokens", h.Stored.Tokens, h.Real.Tokens}} {
		if n.stored != n.real {
			line(n.what, usage.Grouped(n.stored), usage.Grouped(n.real))
		}
	}
	if h.Stored.CostMicroUSD != h.Real.CostMicroUSD {
		line("cost", fmt.Sprintf("$%s", dollars(h.Stored.CostMicroUSD)), fmt.Sprintf("$%s", dollars(h.Real.CostMicroUSD)))
	}
	if len(rows) == 0 {
		line("others", "-", "-")
	}
	return rows
}
