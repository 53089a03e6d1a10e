package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// printJSON writes a value as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// orDash shows that there is nothing.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// printTable writes rows in columns, as wide as a terminal is; elsewhere one row is
// one line. Cells hold others' words: what would move the cursor or break the line is
// left out.
func printTable(w io.Writer, rows [][]string) error { return printFitted(w, rows, widthOf(w)) }

// widthOf is how many columns there are; 0: any number.
func widthOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < narrowest {
		return narrowest
	}
	return width
}

// narrowest is the terminal that tables are made for.
const narrowest = 80

// printFitted writes rows of at most so many columns. The last cell of a row that is
// wider stands below it.
func printFitted(w io.Writer, rows [][]string, width int) error {
	var table strings.Builder
	tw := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintln(tw, strings.Join(printable(row), "\t")) // into memory
	}
	_ = tw.Flush() // into memory
	at := 0
	for line := range strings.Lines(table.String()) {
		line = strings.TrimRight(line, " \n")
		if width > 0 && utf8.RuneCountInString(line) > width {
			line = below(line, strings.TrimRight(printable(rows[at])[len(rows[at])-1], " "), width)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
		at++
	}
	return nil
}

// below puts the last cell of a line into lines of its own, set in. A word that is
// too long stays whole, so that it can be copied.
func below(line, last string, width int) string {
	const indent = "    "
	lines := []string{strings.TrimRight(strings.TrimSuffix(line, last), " ")}
	if lines[0] == "" {
		lines = nil
	}
	now := ""
	for word := range strings.FieldsSeq(last) {
		switch {
		case now == "":
			now = indent + word
		case utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) > width:
			lines, now = append(lines, now), indent+word
		default:
			now += " " + word
		}
	}
	return strings.Join(append(lines, now), "\n")
}

func printable(row []string) []string {
	out := make([]string, len(row))
	for i, cell := range row {
		out[i] = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) {
				return -1
			}
			return r
		}, cell)
	}
	return out
}
