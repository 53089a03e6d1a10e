package tui

import (
	"strings"

	"github.com/aichat-term/aichat/tui/cost"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
)

// newsRows is how many rows a sentence may take that does not fit into the rule.
const newsRows = 4

// rule is the line above the composer: what is to be said now stands in it, or
// below it where there is no room, and at its right what the prompt will take.
func (a *App) rule(width int) []string {
	text, style := a.news()
	text = terminal.Line(text)
	ahead, ink := a.ahead()
	room := width - 6
	if ahead != "" {
		room -= terminal.Width(ahead) + 4
	}
	if text == "" || terminal.Width(text) <= room {
		return []string{a.ruled(text, style, ahead, ink, width)}
	}
	lines := []string{a.ruled("", nil, ahead, ink, width)}
	rows := terminal.Wrap(text, width-2)
	for _, r := range rows[:min(len(rows), newsRows, max(a.height/4, 1))] {
		lines = append(lines, " "+style(r))
	}
	return lines
}

type painter = func(...string) string

// ruled is a rule with a text at its left and one at its right; either may be
// empty.
func (a *App) ruled(left string, style painter, right string, ink painter, width int) string {
	t := a.theme
	line := func(n int) string { return t.Dim.Render(strings.Repeat(t.Horizontal, max(n, 0))) }
	fill := width
	var l, r string
	if left != "" {
		l = line(2) + " " + style(left) + " "
		fill -= terminal.Width(left) + 4
	}
	if right = terminal.Truncate(right, width-6, t.Ellipsis); right != "" {
		r = " " + ink(right) + " " + line(2)
		fill -= terminal.Width(right) + 4
	}
	return l + line(fill) + r
}

// ahead says what the prompt that is typed will roughly take, where that is worth
// a word.
func (a *App) ahead() (string, painter) {
	t := a.theme
	if a.composer.Empty() {
		return "", nil
	}
	p := cost.Prompt{Typed: a.composer.Tokens(), Context: a.chat.Context(a.parent())}
	m := a.modelOf(a.model())
	ahead, worth := cost.Ahead(p, m, a.Now())
	if !worth {
		return "", nil
	}
	say := "~" + figure.Count(cost.Rounded(ahead.Tokens)) + " tokens"
	switch {
	case ahead.TooLong:
		return "~" + figure.Count(cost.Rounded(p.Typed)) + " tokens, more than the model's window of " + figure.Count(m.Context), t.Bad.Render
	case ahead.MicroUSD > 0:
		say += ", about " + figure.Money(cost.Rounded(ahead.MicroUSD)) + " before the answer"
	case !ahead.Priced:
		say += ", price unknown"
	}
	if ahead.Trimmed {
		return "the oldest messages do not fit: " + say, t.Warn.Render
	}
	return say, t.Dim.Render
}

// parent is the message that what is typed will follow; empty, or
// wire.ParentRoot: none.
func (a *App) parent() string {
	if a.editing != nil {
		return a.editing.parent
	}
	return a.chat.Leaf()
}
