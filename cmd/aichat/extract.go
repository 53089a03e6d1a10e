package main

import "strings"

// firstBlock returns what is inside the first fenced code block of a Markdown
// text, with its final newline, and whether there is one. A block that is never
// closed ends with the text (CommonMark 0.31, section 4.5); the fence's
// indentation is taken from each line, as far as it has it.
func firstBlock(text string) (string, bool) {
	var (
		block  strings.Builder
		open   fence
		inside bool
	)
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\r\n")
		if !inside {
			open, inside = fenceOf(bare)
			continue
		}
		if open.closedBy(bare) {
			return block.String(), true
		}
		block.WriteString(unindent(line, open.indent))
	}
	return block.String(), inside
}

// fence is the line that opens a block.
type fence struct {
	char   byte
	length int
	indent int
}

// fenceOf reads a line that may open a block. A block inside a list is
// indented: any indentation is accepted.
func fenceOf(line string) (fence, bool) {
	rest := strings.TrimLeft(line, " ")
	f := fence{indent: len(line) - len(rest)}
	if rest == "" || (rest[0] != '`' && rest[0] != '~') {
		return f, false
	}
	f.char = rest[0]
	info := strings.TrimLeft(rest, string(f.char))
	f.length = len(rest) - len(info)
	if f.char == '`' && strings.Contains(info, "`") {
		return f, false // code inside a line
	}
	return f, f.length >= 3
}

func (f fence) closedBy(line string) bool {
	rest := strings.TrimRight(strings.TrimLeft(line, " "), " \t")
	return len(rest) >= f.length && strings.Trim(rest, string(f.char)) == ""
}

func unindent(line string, n int) string {
	for ; n > 0 && strings.HasPrefix(line, " "); n-- {
		line = line[1:]
	}
	return line
}
