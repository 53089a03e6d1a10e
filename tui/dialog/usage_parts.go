package dialog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
	"github.com/aichat-term/aichat/tui/chart"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/spending"
	"github.com/aichat-term/aichat/tui/terminal"
)

// head is the range, the sums, and what is to be known of them.
func (u *Usage) head(width int) []string {
	t, s := u.theme, u.days
	rows := []string{t.Accent.Render(terminal.Truncate(spending.Span(s), width, t.Ellipsis))}
	if s.All.Calls == 0 {
		return append(rows, "Nothing was used in this time.")
	}
	rows = append(rows, t.Title.Render(figure.Money(s.All.CostMicroUSD))+", "+figure.Count(s.All.Tokens)+" tokens, "+spending.Calls(s.All.Calls))
	for _, note := range spending.Notes(s) {
		rows = append(rows, u.dim(note, width)...)
	}
	return rows
}

func (u *Usage) dim(text string, width int) []string {
	rows := terminal.Wrap(terminal.Line(text), width)
	for i := range rows {
		rows[i] = u.theme.Dim.Render(rows[i])
	}
	return rows
}

// chart is the days as columns, or in words where marks say nothing.
func (u *Usage) chart(width int) []string {
	t, s := u.theme, u.days
	if s.All.Calls == 0 || len(s.Rows) == 0 {
		return nil
	}
	if t.Accessible {
		return u.daysInWords()
	}
	rows := []string{t.Accent.Render(u.measure() + " by day")}
	values := spending.Weights(s)
	scale := u.amount(chart.Most(values))
	margin := terminal.Width(scale) + 2
	folded, size := chart.Fold(values, width-margin)
	column, gap := 1, 0
	if each := (width - margin) / max(len(folded), 1); each > 1 {
		column, gap = min(each-1, 4), 1
	}
	for i, row := range chart.For(t.ASCII).Columns(folded, chartHigh, column, gap) {
		label := strings.Repeat(" ", margin-2)
		if i == 0 {
			label = scale
		}
		rows = append(rows, t.Dim.Render(label+" "+t.Vertical)+t.Good.Render(row))
	}
	first, last := spending.Name(s.By, &s.Rows[0]), spending.Name(s.By, &s.Rows[len(s.Rows)-1])
	drawn := len(folded)*(column+gap) - gap
	axis := first
	if space := drawn - terminal.Width(first) - terminal.Width(last); space > 0 && len(s.Rows) > 1 {
		axis += strings.Repeat(" ", space) + last
	}
	rows = append(rows, t.Dim.Render(strings.Repeat(" ", margin)+axis))
	if size > 1 {
		rows = append(rows, t.Dim.Render(fmt.Sprintf("%d days to a column", size)))
	}
	return rows
}

// measure is what columns and bars show.
func (u *Usage) measure() string {
	if u.days.All.CostMicroUSD == 0 {
		return "Tokens"
	}
	return "Cost"
}

// amount is a column's height in words.
func (u *Usage) amount(n int64) string {
	if u.days.All.CostMicroUSD == 0 {
		return figure.Count(n)
	}
	return figure.Money(n)
}

func (u *Usage) daysInWords() (rows []string) {
	for i := range u.days.Rows {
		if r := &u.days.Rows[i]; r.All.Calls > 0 {
			rows = append(rows, spending.Name(u.days.By, r)+": "+spending.Cost(&r.All)+", "+figure.Count(r.All.Tokens)+" tokens, "+spending.Calls(r.All.Calls))
		}
	}
	return rows
}

// ahead is where it is going.
func (u *Usage) ahead(width int) []string {
	text, warning := spending.Ahead(u.days)
	if text == "" {
		return nil
	}
	rows := terminal.Wrap(text, width)
	if warning != "" {
		for _, row := range terminal.Wrap(warning, width) {
			rows = append(rows, u.theme.Warn.Render(row))
		}
	}
	return append(rows, u.dim(u.days.Projection.Text, width)...)
}

// limits is what is left of each limit.
func (u *Usage) limits(width int) []string {
	t, l := u.theme, &u.days.Limits
	if !l.Metered {
		return nil
	}
	plan := terminal.Line(cmp.Or(l.Title, l.Plan))
	var rates []string
	if text := allowance.Rates(&l.Rates); text != "" {
		rates = u.dim(text, width)
	}
	switch {
	case len(l.Limits) > 0:
	case rates != nil:
		return append([]string{"The plan " + plan + " limits only how fast you ask."}, rates...)
	default:
		return []string{"The plan " + plan + " limits nothing."}
	}
	rows := []string{t.Accent.Render("Left of the plan " + plan)}
	longest := 0
	for i := range l.Limits {
		longest = max(longest, terminal.Width(limitText(&l.Limits[i])+u.anew(&l.Limits[i])))
	}
	bar := allowance.Bar(width-longest-len(" "), min(16, width/5))
	for i := range l.Limits {
		rows = append(rows, u.limit(&l.Limits[i], width, bar)...)
	}
	rows = append(rows, rates...)
	if more := allowance.More(l); more != "" {
		rows = append(rows, u.dim(more, width)...)
	}
	return rows
}

// limitText is what is left of a limit, in figures.
func limitText(l *wire.Limit) string {
	return fmt.Sprintf("%3d %% left: ", figure.Percent(allowance.Left(l), l.Most)) + terminal.Line(allowance.Rest(l))
}

// anew says in how long a limit begins anew, behind what is left of it.
func (u *Usage) anew(l *wire.Limit) string {
	if !l.ResetsAt.After(u.now) {
		return "; anew now"
	}
	return "; anew in " + figure.Span(l.ResetsAt.Sub(u.now))
}

// limit is a limit with its bar of so many cells; when it begins anew stands below
// where there is no room behind.
func (u *Usage) limit(l *wire.Limit, width, cells int) []string {
	t := u.theme
	left := allowance.Left(l)
	bar := ""
	if !t.Accessible {
		glyph, paint := chart.For(t.ASCII), t.Good
		switch {
		case left == 0:
			paint = t.Bad
		case allowance.Level(l) > 0:
			paint = t.Warn
		}
		bar = paint.Render(glyph.Bar(left, l.Most, cells)) + t.Dim.Render(glyph.Track(left, l.Most, cells)) + " "
	}
	line, anew := terminal.Truncate(bar+limitText(l), width, t.Ellipsis), u.anew(l)
	if terminal.Width(line+anew) > width {
		indent := strings.Repeat(" ", terminal.Width(bar))
		return []string{line, indent + t.Dim.Render(terminal.Truncate(strings.TrimPrefix(anew, "; "), width-len(indent), t.Ellipsis))}
	}
	return []string{line + t.Dim.Render(anew)}
}

// byModel is a bar for each model, or a sentence where marks say nothing.
func (u *Usage) byModel(width int) []string {
	t, s := u.theme, u.models
	if s == nil || s.All.Calls == 0 {
		return nil
	}
	all := s.Rows
	if rest := spending.Rest(s); rest != nil {
		all = append(slices.Clip(all), *rest)
	}
	if t.Accessible {
		rows := []string{t.Accent.Render("By model")}
		for i := range all {
			words := spending.Name(s.By, &all[i]) + ": " + spending.Cost(&all[i].All) + ", " + figure.Count(all[i].All.Tokens) + " tokens"
			rows = append(rows, terminal.Truncate(words, width, t.Ellipsis))
		}
		return rows
	}
	name := 0
	for i := range all {
		name = max(name, terminal.Width(spending.Name(s.By, &all[i])))
	}
	const figures = 20 // cost and tokens
	name = min(name, max(width-figures-10, 12))
	bar := min(max(width-figures-name, 0), 40)
	most := chart.Most(spending.Weights(s))
	rows := []string{t.Accent.Render(terminal.Pad("By model", name, t.Ellipsis)) + t.Dim.Render(fmt.Sprintf(" %8s %8s", "cost", "tokens"))}
	for i := range all {
		r := &all[i]
		line := terminal.Pad(spending.Name(s.By, r), name, t.Ellipsis) + fmt.Sprintf(" %8s %8s  ", spending.Cost(&r.All), figure.Count(r.All.Tokens))
		line += t.Good.Render(chart.For(t.ASCII).Bar(spending.Weight(s, &r.All), most, bar))
		rows = append(rows, terminal.Truncate(line, width, t.Ellipsis))
	}
	return rows
}

// advise is how the same could have cost less.
func (u *Usage) advise(width int) []string {
	t := u.theme
	if u.advice == nil || len(u.advice.Advice) == 0 {
		return nil
	}
	rows := []string{t.Accent.Render("Advice")}
	for i := range u.advice.Advice {
		a := &u.advice.Advice[i]
		title := terminal.Line(a.Title)
		if a.SavesMicroUSD > 0 {
			title += t.Good.Render("  saves " + figure.Money(a.SavesMicroUSD))
		}
		rows = append(rows, terminal.Wrap(title, width)...)
		for _, text := range []string{a.Saw, a.Sum, a.Do, a.Command} {
			if text == "" {
				continue
			}
			for _, row := range u.dim(text, width-2) {
				rows = append(rows, "  "+row)
			}
		}
	}
	return rows
}
