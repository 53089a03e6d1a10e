package markdown

import (
	"strings"

	"github.com/alecthomas/chroma/v2"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui/terminal"
)

// codeIndent is how far code stands from the margin.
const codeIndent = "  "

// codeBody is a code piece's text without its fences and their indent.
func codeBody(p Piece) string {
	s := p.Source
	if p.First {
		_, s, _ = strings.Cut(s, "\n")
	}
	if p.Last {
		s = strings.TrimSuffix(s, "\n")
		s = s[:strings.LastIndexByte(s, '\n')+1]
	}
	if p.indent == 0 {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		n := 0
		for n < p.indent && n < len(l) && l[n] == ' ' {
			n++
		}
		lines[i] = l[n:]
	}
	return strings.Join(lines, "")
}

// Language is the name an info string begins with, in lower case.
func Language(info string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(info), " ")
	return strings.ToLower(strings.Trim(name, "{}."))
}

// code draws lines of code: coloured where the language is known, and broken at
// the width rather than cut off.
func (r *Renderer) code(info, body string) []string {
	body = terminal.Tabs(strings.TrimSuffix(body, "\n"), 4)
	text := body
	if lexer := r.lexer(Language(info)); lexer != nil {
		text = r.highlight(lexer, body)
	}
	var lines []string
	width := max(r.width-len(codeIndent), 1)
	for l := range strings.SplitSeq(text, "\n") {
		if ansi.StringWidth(l) > width {
			l = wrapStyled(l, width)
		}
		for row := range strings.SplitSeq(l, "\n") {
			lines = append(lines, strings.TrimRight(codeIndent+row, " "))
		}
	}
	return lines
}

// wrapStyled breaks a coloured line at a width, so that each row carries its own
// colours.
func wrapStyled(l string, width int) string {
	var b strings.Builder
	w := lipgloss.NewWrapWriter(&b)
	_, _ = w.Write([]byte(ansi.Hardwrap(l, width, true))) // a Builder does not fail
	_ = w.Close()
	return b.String()
}

// highlight colours code; each line closes what it opens.
func (r *Renderer) highlight(lexer chroma.Lexer, body string) string {
	tokens, err := lexer.Tokenise(nil, body)
	if err != nil {
		return body
	}
	var b strings.Builder
	b.Grow(2 * len(body))
	for token := tokens(); token != chroma.EOF; token = tokens() {
		open := r.colour(token.Type)
		for i, part := range strings.Split(token.Value, "\n") {
			if i > 0 {
				b.WriteByte('\n')
			}
			if part == "" {
				continue
			}
			if open == "" {
				b.WriteString(part)
				continue
			}
			b.WriteString(open)
			b.WriteString(part)
			b.WriteString(ansi.ResetStyle)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
