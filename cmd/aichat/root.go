package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// tuiOptions is what the command line says of the terminal interface.
type tuiOptions struct {
	chat  string // the conversation to open; empty: as it was left
	model string // for new conversations; empty: as configured

	accessible bool // draw for a screen reader
}

// bare is the root command: the terminal interface where there is a terminal.
func (p *program) bare() *cobra.Command {
	var (
		o       tuiOptions
		version bool
	)
	cmd := &cobra.Command{
		Use:   "aichat",
		Short: "Chat with AI models, in the terminal",
		Long: `Chat with AI models, in the terminal.

Run bare it opens the chats; "ask" answers one question, also in a pipe.`,
		Example: `  aichat --chat 0193a7c2
  aichat ask "why is the sky blue?"
  git diff | aichat ask "write the commit message"
  aichat chats search "sqlite wal"`,
		Args: p.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return p.printVersion(cmd.Context(), versionOptions{})
			}
			return p.openTUI(cmd, o)
		},
	}
	cmd.Flags().StringVar(&o.chat, "chat", "", "open the conversation with this `ID` (its beginning is enough)")
	cmd.Flags().StringVarP(&o.model, "model", "m", "", "the `MODEL` of new conversations, as provider/name")
	cmd.Flags().BoolVar(&o.accessible, "accessible", false, "draw for a screen reader, as ACCESSIBLE=1 does")
	cmd.Flags().BoolVar(&version, "version", false, "print the version")
	p.completeModel(cmd)
	p.completeChatFlag(cmd)
	return cmd
}

// openTUI opens the terminal interface; without a terminal there is nothing to
// open.
func (p *program) openTUI(cmd *cobra.Command, o tuiOptions) error {
	if p.in.kind != inputTerminal || !p.out.terminal {
		return usage(`To ask one question: aichat ask "…"    See: aichat --help`, "The chats need a terminal, and this is none.")
	}
	return p.runTUI(cmd.Context(), o)
}

// noSuchCommand refuses arguments of the root command. What looks like a
// question is answered with the command that asks it.
func (p *program) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	words := oneLine(strings.Join(args, " "))
	if len(args) > 1 || strings.ContainsAny(words, " ?") {
		return usage("To ask it: aichat ask "+quoteWords(words), "There is no command %q.", oneLine(args[0]))
	}
	hint := "See: aichat help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "Did you mean: aichat " + near[0]
	}
	return usage(hint+"    To ask it: aichat ask "+quoteWords(words), "There is no command %q.", words)
}

// quoteWords quotes a text for a shell, where it is not too long to repeat.
func quoteWords(words string) string {
	if len([]rune(words)) > 60 {
		return `"…"`
	}
	return "'" + strings.ReplaceAll(words, "'", `'\''`) + "'"
}
