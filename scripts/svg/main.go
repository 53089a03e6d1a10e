// Command svg draws a terminal's screen, as `tmux capture-pane -ep` prints it, as
// an SVG picture: text stays text, sharp at every size. It reads standard input
// and writes standard output.
//
//	tmux capture-pane -ep | go run ./scripts/svg -columns 100 > screen.svg
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	columns := flag.Int("columns", 80, "the terminal's width in cells")
	title := flag.String("title", "", "what the picture shows, for those who do not see it")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *columns, *title); err != nil {
		fmt.Fprintln(os.Stderr, "svg:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, columns int, title string) error {
	var rows [][]span
	state := style{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var row []span
		row, state = parseLine(lines.Text(), state)
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	draw(w, rows, columns, title)
	return w.Flush()
}
