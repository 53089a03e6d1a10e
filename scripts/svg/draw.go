package main

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// The picture's measures: a cell and the margin, in pixels.
const (
	cellWidth  = 8.4
	cellHeight = 18.0
	margin     = 12.0
	fontSize   = 14
)

const (
	defaultInk   = "#d8dee9"
	defaultPaper = "#16181d"
)

func draw(w io.Writer, rows [][]span, columns int, title string) {
	width := float64(columns)*cellWidth + 2*margin
	height := float64(len(rows))*cellHeight + 2*margin
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" role="img">`+"\n", width, height)
	fmt.Fprintf(w, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(w, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", defaultPaper)
	fmt.Fprintf(w, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="%d" style="white-space:pre" xml:space="preserve">`+"\n", fontSize)
	for i, row := range rows {
		for _, s := range row {
			drawSpan(w, s, i)
		}
	}
	fmt.Fprint(w, "</g>\n</svg>\n")
}

func drawSpan(w io.Writer, s span, row int) {
	ink, paper := s.style.colours()
	x, y := margin+float64(s.column)*cellWidth, margin+float64(row)*cellHeight
	width := float64(s.width) * cellWidth
	if paper != "" {
		fmt.Fprintf(w, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, width, cellHeight, paper)
	}
	if strings.TrimSpace(s.text) == "" && !s.style.underline {
		return
	}
	// The length makes any font keep to the cells.
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" textLength="%.1f" fill="%s"%s>%s</text>`+"\n",
		x, y+cellHeight*0.75, width, ink, s.style.attributes(), html.EscapeString(s.text))
}

// colours are what the text and the cells behind it are filled with; no paper
// is the terminal's own.
func (s style) colours() (ink, paper string) {
	ink, paper = s.ink, s.paper
	if ink == "" {
		ink = defaultInk
	}
	if s.interchanged {
		if paper == "" {
			paper = defaultPaper
		}
		ink, paper = paper, ink
	}
	return ink, paper
}

func (s style) attributes() string {
	var b strings.Builder
	if s.bold {
		b.WriteString(` font-weight="bold"`)
	}
	if s.italic {
		b.WriteString(` font-style="italic"`)
	}
	if s.faint {
		b.WriteString(` opacity="0.6"`)
	}
	switch {
	case s.underline:
		b.WriteString(` text-decoration="underline"`)
	case s.struck:
		b.WriteString(` text-decoration="line-through"`)
	}
	return b.String()
}
