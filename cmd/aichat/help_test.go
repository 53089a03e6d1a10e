package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// A terminal is 80 columns wide, and help that is broken in the midst of a word
// is hard to read.
func TestHelpFitsATerminal(t *testing.T) {
	t.Parallel()
	var help strings.Builder
	p := newProgram(streams{out: output{Writer: &help}}, func(string) (string, bool) { return "", false })
	root := p.root()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		help.Reset()
		p.writeHelp(&help, cmd)
		for line := range strings.Lines(help.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s --help: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
}
