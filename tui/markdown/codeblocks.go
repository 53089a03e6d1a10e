package markdown

import "strings"

// CodeBlocks are the fenced code blocks of a document, as they are written but
// for their fences, in order. Those inside lists and quotes are among them.
func CodeBlocks(source string) []string {
	var s Splitter
	var blocks []string
	open := false
	for _, p := range append(s.Write(source), s.Close()...) {
		if p.Kind != Code {
			blocks = append(blocks, nested(p.Source)...)
			continue
		}
		body := codeBody(p)
		if p.First || !open {
			blocks = append(blocks, body)
		} else {
			blocks[len(blocks)-1] += body
		}
		open = !p.Last
	}
	return blocks
}

// nested finds fenced code inside a list or a quote: the lines between two fences,
// without what stands before the first one.
func nested(source string) []string {
	var blocks []string
	var body strings.Builder
	lead, fence, n := 0, byte(0), 0
	for line := range strings.SplitAfterSeq(source, "\n") {
		t := strings.TrimLeft(line, " \t>")
		if fence == 0 {
			if char, length, _, ok := opensFence(strings.TrimLeft(t, "-*+0123456789.) ")); ok {
				fence, n, lead = char, length, strings.IndexByte(line, char)
				body.Reset()
			}
			continue
		}
		if closesFence(t, fence, n) {
			blocks, fence = append(blocks, body.String()), 0
			continue
		}
		body.WriteString(unindent(line, lead))
	}
	if fence != 0 {
		blocks = append(blocks, body.String())
	}
	return blocks
}

// unindent takes up to n columns of indent and quote marks off a line.
func unindent(line string, n int) string {
	i := 0
	for i < n && i < len(line) && (line[i] == ' ' || line[i] == '>') {
		i++
	}
	return line[i:]
}
