package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// everyCommand calls f with each command of the program.
func everyCommand(f func(*cobra.Command)) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		f(cmd)
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(newRoot())
}

// A terminal is 80 columns wide, and help that is broken in the midst of a word
// is hard to read.
func TestHelpFitsATerminal(t *testing.T) {
	t.Parallel()
	everyCommand(func(cmd *cobra.Command) {
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(help.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpWidth {
				t.Errorf("%s --help: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
	})
}

// Every command that does something shows how it is typed, and may be typed so.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	everyCommand(func(cmd *cobra.Command) {
		if cmd.Runnable() && !cmd.HasSubCommands() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			parses(t, cmd, strings.TrimSpace(line))
		}
	})
}

// parses checks a line of an example: it is typed as the command it belongs to, or
// as another of the program, and would not be refused.
func parses(t *testing.T, of *cobra.Command, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " #")
	typed := shellWords(line)
	if len(typed) == 0 || typed[0] != "aichat-server" {
		t.Errorf("%s: this is typed elsewhere: %s", of.CommandPath(), line)
		return
	}
	root := newRoot()
	cmd, args, err := root.Find(typed[1:])
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: %s: %v", of.CommandPath(), line, err)
	}
}

// shellWords are a line's words, without where it is read from and written to.
func shellWords(line string) (words []string) {
	for w := range strings.FieldsSeq(line) {
		if strings.HasPrefix(w, "<") || strings.HasPrefix(w, ">") || w == "|" {
			return words
		}
		words = append(words, strings.Trim(w, `'"`))
	}
	return words
}
