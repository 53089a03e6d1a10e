package markdown

import (
	"bytes"
	"strings"
	"sync"

	glamour "charm.land/glamour/v2/ansi"
	"github.com/alecthomas/chroma/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/aichat-term/aichat/tui/terminal"
)

// Renderer draws pieces for a width and a theme. New is cheap: what is slow to
// build is built when it is first used. A Renderer is not safe for concurrent
// use.
type Renderer struct {
	theme Theme
	width int

	build   sync.Once
	drawers map[int]renderer.Renderer
	md      goldmark.Markdown
	style   *chroma.Style
	colours map[chroma.TokenType]string
	known   map[string]chroma.Lexer // nil: there is none of that name
}

// New is a renderer for lines of a width; one of less than 10 cells is taken for
// 10.
func New(theme Theme, width int) *Renderer {
	return &Renderer{theme: theme, width: max(width, 10)}
}

// Width is the width it draws for.
func (r *Renderer) Width() int { return r.width }

// Render draws a whole document.
func (r *Renderer) Render(source string) []string { return Whole(source).Lines(r) }

// Piece draws a piece by itself. The lines have no trailing spaces, close the
// styles they open, and begin with an empty one unless the piece is the first of
// its document or joined to the one before.
func (r *Renderer) Piece(p Piece, refs *references, first bool) []string {
	var lines []string
	switch p.Kind {
	case Code:
		if body := codeBody(p); body != "" {
			lines = r.code(p.Info, body)
		}
	case Plain:
		lines = terminal.Wrap(strings.Trim(p.Source, "\n"), r.width)
	default:
		lines = r.markdown(p.Source, refs)
	}
	if len(lines) == 0 || first || p.Joined {
		return lines
	}
	return append([]string{""}, lines...)
}

// markdown draws text that is no code at the margin.
func (r *Renderer) markdown(source string, refs *references) []string {
	source = terminal.Tabs(strings.Trim(source, "\n"), 4)
	if strings.TrimSpace(source) == "" {
		return nil
	}
	r.build.Do(r.prepare)
	src := []byte(inertEntities(source) + "\n")
	doc := r.md.Parser().Parse(text.NewReader(src), parser.WithContext(refs.context(r.md.Parser())))
	width := r.width
	if t, ok := doc.FirstChild().(*east.Table); ok && t.NextSibling() == nil {
		width = min(width, tableWidth(t, src))
	}
	src = r.tame(doc, src)
	var out bytes.Buffer
	if err := r.drawer(width).Render(&out, src, doc); err != nil {
		return terminal.Wrap(source, r.width) // its source, then
	}
	return trimLines(terminal.Seal(out.String()))
}

// prepare builds what is slow to build.
func (r *Renderer) prepare() {
	registerStyles()
	gfm := []goldmark.Extender{extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify}
	r.md = goldmark.New(goldmark.WithParser(newParser()), goldmark.WithExtensions(gfm...))
}

// drawer is what draws at a width: that of the terminal, or of a narrow table.
func (r *Renderer) drawer(width int) renderer.Renderer {
	if d, ok := r.drawers[width]; ok {
		return d
	}
	draw := glamour.NewRenderer(glamour.Options{
		WordWrap: width, Styles: r.theme.styles(), PreserveNewLines: true, InlineTableLinks: true,
		ChromaFormatter: "terminal16m",
	})
	d := renderer.NewRenderer(renderer.WithNodeRenderers(util.Prioritized(draw, 1000)))
	if r.drawers == nil {
		r.drawers = map[int]renderer.Renderer{}
	}
	r.drawers[width] = d
	return d
}

// tableWidth is about what a table needs so that no cell is wrapped.
func tableWidth(t *east.Table, src []byte) int {
	var columns []int
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		i := 0
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if i == len(columns) {
				columns = append(columns, 0)
			}
			lines, w := cell.Lines(), 0
			for j := range lines.Len() {
				line := lines.At(j)
				w += ansi.StringWidth(string(line.Value(src)))
			}
			columns[i] = max(columns[i], w)
			i++
		}
	}
	width := len(columns) - 1
	for _, w := range columns {
		width += w + len("  ")
	}
	return max(width, 4)
}

// trimLines splits what was drawn, without the blank lines around it and the
// spaces that fill lines up.
func trimLines(s string) []string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = trimRight(l)
	}
	for len(lines) > 0 && ansi.StringWidth(lines[0]) == 0 {
		lines = lines[1:]
	}
	for len(lines) > 0 && ansi.StringWidth(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// trimRight drops trailing spaces, those between colours too, and then closes the
// style that may be open.
func trimRight(l string) string {
	end, styled := len(l), false
	for end > 0 {
		if l[end-1] == ' ' {
			end--
			continue
		}
		start := strings.LastIndexByte(l[:end], ansi.ESC)
		if start < 0 || !isSGR(l[start:end]) {
			break
		}
		end, styled = start, true
	}
	if !styled || end == 0 {
		return l[:end]
	}
	return l[:end] + ansi.ResetStyle
}

func isSGR(s string) bool {
	return strings.HasPrefix(s, "\x1b[") && strings.HasSuffix(s, "m") && strings.Trim(s[2:len(s)-1], "0123456789;:") == ""
}
