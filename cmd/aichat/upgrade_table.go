package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
)

// What stands in a plan's column that is no amount of its own.
const (
	unlimited = "no limit"     // it does not limit what others do
	varying   = "varies"       // it limits some of the models, in other rows
	missing   = "not included" // it has none of the models
)

// planRow is one line of the comparison: what is limited, and how far by each plan.
type planRow struct {
	label string
	by    []string // plans in their order
}

// planRows are what any of some plans limits, and their models.
func planRows(plans []wire.Offer) []planRow {
	all := append(limitTerms(plans), rateTerms(plans)...)
	models := planRow{label: "models"}
	for i := range plans {
		text := strings.Join(modelsOf(&plans[i]), "\n")
		if text == "*" {
			text = "all"
		}
		models.by = append(models.by, text)
	}
	return append(all, models)
}

// kind is what a limit is of, apart from how much.
func kind(l wire.PlanLimit) wire.PlanLimit {
	l.Most = 0
	return l
}

// limitTerms are the limits of all plans, each kind once, in the order in which they
// come.
func limitTerms(plans []wire.Offer) (all []planRow) {
	var kinds []wire.PlanLimit
	for i := range plans {
		for _, l := range plans[i].Limits {
			if !slices.Contains(kinds, kind(l)) {
				kinds = append(kinds, kind(l))
			}
		}
	}
	for _, k := range kinds {
		t := planRow{label: oneLine(limitLabel(k))}
		for i := range plans {
			t.by = append(t.by, limited(&plans[i], k))
		}
		all = append(all, t)
	}
	return all
}

// limited is how much of a kind a plan allows: of several limits that hold for all
// of its models the lowest.
func limited(o *wire.Offer, k wire.PlanLimit) string {
	if !hasAnyOf(o, k.Only) {
		return missing
	}
	text, most, found := unlimited, int64(0), false
	for _, l := range o.Limits {
		switch {
		case l.Scope != k.Scope || l.Period != k.Period || l.Unit != k.Unit || !overlap(l.Only, k.Only):
		case !covers(l.Only, k.Only):
			if !found {
				text = varying
			}
		case !found || l.Most < most:
			text, most, found = bareAmount(l.Unit, l.Most), l.Most, true
		}
	}
	return text
}

// bareAmount is an amount whose unit is said elsewhere.
func bareAmount(unit string, n int64) string {
	text, _, _ := strings.Cut(allowance.Amount(unit, n), " ")
	return text
}

// limitLabel names what is limited: "messages a day for each member".
func limitLabel(k wire.PlanLimit) string {
	label := allowance.Kind(&wire.Limit{Unit: k.Unit, Period: k.Period})
	switch {
	case k.Only != "":
		label += " of each " + k.Only
	case k.Scope != "account":
		label += " for each " + k.Scope
	}
	return label
}

// rateTerms are the rates that any of the plans limits.
func rateTerms(plans []wire.Offer) (all []planRow) {
	for n, r := range rates(wire.Rates{}) {
		t, found := planRow{label: r.label}, false
		for i := range plans {
			text := unlimited
			if most := rates(plans[i].Rates)[n].most; most > 0 {
				text, found = figure.Count(most), true
			}
			t.by = append(t.by, text)
		}
		if found {
			all = append(all, t)
		}
	}
	return all
}

// plansText is the plans side by side, or below each other where the width is not
// enough.
func plansText(plans []wire.Offer, c canvas) string {
	all := planRows(plans)
	t := table{head: []string{""}}
	for i := range plans {
		t.head = append(t.head, offerTitle(&plans[i]))
	}
	for _, row := range all {
		t.rows = append(t.rows, cells(row)...)
	}
	side := t.render(c.width, c.style)
	if terminal.Width(side) <= c.width {
		return side
	}
	return stackedPlans(plans, all, c)
}

// cells are the rows of a line of the comparison, of which a cell may be several
// lines.
func cells(t planRow) (rows [][]string) {
	for n := 0; ; n++ {
		row, found := []string{t.label}, n == 0
		if n > 0 {
			row[0] = ""
		}
		for _, text := range t.by {
			cell := ""
			if lines := strings.Split(text, "\n"); n < len(lines) {
				cell, found = oneLine(lines[n]), true
			}
			row = append(row, cell)
		}
		if !found {
			return rows
		}
		rows = append(rows, row)
	}
}

// stackedPlans are the plans below each other, each with what it limits.
func stackedPlans(plans []wire.Offer, all []planRow, c canvas) string {
	var b strings.Builder
	for i := range plans {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(c.bold(terminal.Truncate(offerTitle(&plans[i]), c.width, c.dots)) + "\n")
		t := table{head: []string{"", ""}, last: true}
		for _, row := range all {
			for n, text := range strings.Split(row.by[i], "\n") {
				if text == unlimited || text == varying || text == missing {
					continue
				}
				label := row.label
				if n > 0 {
					label = ""
				}
				t.rows = append(t.rows, []string{"  " + terminal.Truncate(label, c.width/2, c.dots), oneLine(text)})
			}
		}
		room := c.width - terminal.Width(c.dots) + 1             // where a row is cut
		_, rows, _ := strings.Cut(t.render(room, style{}), "\n") // without a head
		b.WriteString(rows)
	}
	return b.String()
}

// offerTitle is how a plan is called.
func offerTitle(o *wire.Offer) string {
	title := planTitle(o)
	if o.Current {
		title += " (yours)"
	}
	return title
}

func planTitle(o *wire.Offer) string { return oneLine(cmp.Or(o.Title, o.Name)) }
