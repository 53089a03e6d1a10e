package dialog

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// Box puts a border and a title around rows of an inner width.
func Box(t *theme.Theme, title string, rows []string, inner int) []string {
	b := t.Border
	title = terminal.Truncate(" "+title+" ", inner, "")
	fill := max(inner+2-terminal.Width(title)-1, 0)
	lines := []string{t.Dim.Render(b.TopLeft+b.Top) + t.Title.Render(title) + t.Dim.Render(strings.Repeat(b.Top, fill)+b.TopRight)}
	for _, r := range rows {
		lines = append(lines, t.Dim.Render(b.Left)+" "+terminal.Pad(r, inner, t.Ellipsis)+" "+t.Dim.Render(b.Right))
	}
	return append(lines, t.Dim.Render(b.BottomLeft+strings.Repeat(b.Bottom, inner+2)+b.BottomRight))
}

// Over draws a box over lines of a width, in their middle, and says where its
// corner is.
func Over(lines, box []string, width int) (drawn []string, x, y int) {
	bw := terminal.Width(box[0])
	x, y = max((width-bw)/2, 0), max((len(lines)-len(box))/3, 0)
	drawn = append([]string(nil), lines...)
	for i, b := range box {
		if y+i >= len(drawn) {
			break
		}
		l := drawn[y+i]
		left := terminal.Pad(ansi.Truncate(l, x, ""), x, "")
		right := ansi.TruncateLeft(l, x+bw, "")
		if strings.Contains(left, "\x1b") {
			left += ansi.ResetStyle
		}
		drawn[y+i] = left + b + right
	}
	return drawn, x, y
}
