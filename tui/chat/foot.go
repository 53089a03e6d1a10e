package chat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// thoughtLimit is how many of the last lines are shown of what a model is
// thinking while it has not begun to answer.
const thoughtLimit = 4

// headLines is the blank line between messages, and for a screen reader the name
// of who speaks.
func (it *item) headLines(l look) []string {
	t := l.r.theme
	if !t.Accessible {
		return []string{""}
	}
	if it.msg.Role == wire.RoleUser {
		return []string{"", "You:"}
	}
	return []string{"", "Assistant:"}
}

// thoughtLines is what the model thought: all of it where it is unfolded, its end
// while it thinks, else one line that says that there is more.
func (it *item) thoughtLines(l look) []string {
	text := strings.TrimSpace(it.reasoning())
	if text == "" {
		return nil
	}
	t := l.r.theme
	if !l.thoughts && (!it.running || it.begun()) {
		return []string{t.Dim.Render(join(t.Folded, "thought (ctrl+t shows it)")), ""}
	}
	if !l.thoughts {
		const tail = 2 << 10
		if len(text) > tail {
			text = strings.ToValidUTF8(text[len(text)-tail:], "")
		}
	}
	rows := terminal.Wrap(terminal.Clean(text), l.r.width)
	if !l.thoughts && len(rows) > thoughtLimit {
		rows = rows[len(rows)-thoughtLimit:]
	}
	lines := []string{t.Dim.Render(join(t.Unfolded, "thinking"))}
	for _, r := range rows {
		lines = append(lines, t.Dim.Render(r))
	}
	return append(lines, "")
}

// footLines is what is to be said of a message after it.
func (it *item) footLines(l look) []string {
	t := l.r.theme
	var lines []string
	for i := range it.parts {
		lines = append(lines, partLine(t, &it.parts[i])...)
	}
	if it.msg.Role == wire.RoleUser {
		return append(lines, it.branch(t)...)
	}
	if it.running {
		return append(lines, it.progress(t)...)
	}
	lines = append(lines, it.outcome(l)...)
	if facts := it.facts(t); facts != "" {
		lines = append(lines, "", t.Dim.Render(facts))
	}
	return lines
}

// partLine is a part that is no text.
func partLine(t *theme.Theme, p *part) []string {
	switch p.Type {
	case wire.PartFile:
		return []string{t.Dim.Render("[file " + terminal.Line(p.Name) + "]")}
	case wire.PartToolCall:
		return []string{t.Dim.Render("[calls " + terminal.Line(p.Name) + "]")}
	case wire.PartToolResult:
		return []string{t.Dim.Render("[result of a tool]")}
	}
	return nil
}

func (it *item) progress(t *theme.Theme) []string {
	if it.notice != "" {
		return []string{t.Warn.Render(terminal.Line(it.notice))}
	}
	if len(it.parts) == 0 {
		return []string{t.Dim.Render(join(t.Running, "waiting for the first word"+t.Ellipsis))}
	}
	return nil
}

// outcome says how an answer ended, where that is not as one would expect, and
// what can be done.
func (it *item) outcome(l look) []string {
	t := l.r.theme
	again := "alt+r asks again"
	var mark, say string
	style := t.Warn
	switch {
	case it.msg.State == wire.StateCancelled:
		mark, say = t.Stopped, "Stopped here. "+again+"."
	case it.msg.Rev == UnsureRev:
		mark, say, style = t.Failed, "The connection ended here; the answer goes on at the server. Open the chat again to see it.", t.Bad
	case it.msg.State == wire.StateInterrupted:
		mark, say, style = t.Failed, "Interrupted: the server went away while it was written. "+again+".", t.Bad
	case it.msg.State == wire.StateFailed:
		mark, say, style = t.Failed, Explain(it.msg.ErrorCode, it.msg.ErrorText)+" "+again+".", t.Bad
	case it.msg.Finish == wire.FinishLength:
		mark, say = t.Cut, "Cut off: the answer reached its length limit. Ask it to go on."
	case it.msg.Finish == wire.FinishRefusal:
		mark, say = t.Cut, "The model declined to answer."
	case it.msg.Finish == wire.FinishFilter:
		mark, say = t.Cut, "The provider's filter ended this answer."
	default:
		return nil
	}
	var lines []string
	if it.begun() {
		lines = append(lines, "")
	}
	for _, row := range terminal.Wrap(terminal.Clean(join(mark, say)), l.r.width) {
		lines = append(lines, style.Render(row))
	}
	return lines
}

// facts are the model, what the answer took, and which of several it is.
func (it *item) facts(t *theme.Theme) string {
	var f []string
	if b := it.branchText(); b != "" {
		f = append(f, b)
	}
	if it.msg.Model != "" {
		f = append(f, terminal.Line(it.msg.Model))
	}
	if u := it.msg.Usage; u != nil {
		tokens := figure.Count(u.Output) + " tokens"
		if u.Estimated {
			tokens = "about " + tokens
		}
		f = append(f, tokens)
		if u.CostMicroUSD != nil && *u.CostMicroUSD > 0 {
			f = append(f, figure.Money(*u.CostMicroUSD))
		}
	}
	if r := RatingText(it.msg.Rating); r != "" {
		f = append(f, r)
	}
	return strings.Join(f, " "+t.Dot+" ")
}

func (it *item) branch(t *theme.Theme) []string {
	if b := it.branchText(); b != "" {
		return []string{t.Dim.Render(b)}
	}
	return nil
}

// branchText says which of several alternatives this is.
func (it *item) branchText() string {
	if len(it.msg.Siblings) < 2 {
		return ""
	}
	return fmt.Sprintf("< %d/%d >", slices.Index(it.msg.Siblings, it.msg.ID)+1, len(it.msg.Siblings))
}

// join puts a mark before a text, where there is a mark.
func join(mark, text string) string {
	if mark == "" {
		return text
	}
	return mark + " " + text
}
