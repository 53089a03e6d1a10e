package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// help is what --help and the help command call: to stdout, since it was asked
// for.
func (p *program) help(cmd *cobra.Command, _ []string) { p.writeHelp(p.out, cmd) }

// writeHelp writes a command's help: what it does, how it is used, examples,
// then the flags. A topic is its text alone.
func (p *program) writeHelp(w io.Writer, cmd *cobra.Command) {
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = sentence(cmd.Short)
	}
	b.WriteString(about + "\n")
	if isTopic(cmd) {
		_, _ = io.WriteString(w, b.String()) // help that cannot be written is nobody's loss
		return
	}
	section(&b, "Usage", usageLines(cmd))
	section(&b, "Examples", cmd.Example)
	section(&b, "Commands", listed(cmd, func(c *cobra.Command) bool { return c.IsAvailableCommand() }))
	section(&b, "Flags", strings.TrimRight(cmd.NonInheritedFlags().FlagUsagesWrapped(min(p.out.width(), 100)), "\n"))
	if !cmd.HasParent() {
		section(&b, "Topics (aichat help TOPIC)", listed(cmd, isTopic))
	}
	_, _ = io.WriteString(w, b.String()) // as above
}

func section(b *strings.Builder, title, text string) {
	if text != "" {
		fmt.Fprintf(b, "\n%s:\n%s\n", title, text)
	}
}

func usageLines(cmd *cobra.Command) string {
	lines := []string{}
	if cmd.Runnable() {
		lines = append(lines, "  "+cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		lines = append(lines, "  "+cmd.CommandPath()+" COMMAND")
	}
	return strings.Join(lines, "\n")
}

func listed(cmd *cobra.Command, which func(*cobra.Command) bool) string {
	var lines []string
	for _, c := range cmd.Commands() {
		if which(c) {
			lines = append(lines, fmt.Sprintf("  %-12s %s", c.Name(), c.Short))
		}
	}
	return strings.Join(lines, "\n")
}

// isTopic tells a text from a command: it can only be read.
func isTopic(cmd *cobra.Command) bool { return !cmd.Runnable() && !cmd.HasSubCommands() }

// sentence begins with a capital, unless an address begins it, and ends with a
// stop, unless it has one.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if !strings.HasPrefix(s, "http") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return strings.TrimSuffix(s, ".") + "."
}
