package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/version"
)

// newRoot is the table of contents: every command, one line each.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "aichat-server",
		Short: "Serve conversations with language models",
		Long: `aichat-server keeps conversations, calls the models' providers and streams
their answers. Settings come from a TOML file (--config), then AICHAT_SERVER_*
variables, then flags; "aichat-server config" shows them all.`,
		Version:       version.String(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          wrongArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if strings.Contains(err.Error(), "time: ") { // the parser's own word is no help
			err = fmt.Errorf("%s: type how long, such as 90m or 720h", strings.SplitN(err.Error(), ": ", 2)[0])
		}
		return &usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	})
	settings := bindSettings(root)
	root.SetUsageTemplate(usageTemplate(root.UsageTemplate()))
	root.AddCommand(
		newServe(settings),
		newLocal(),
		newMigrate(settings),
		newUsers(settings),
		newPlans(settings),
		newUsage(settings),
		newKeys(settings),
		newJobs(settings),
		newMail(settings),
		newConfig(settings),
		newModels(settings),
		newOpenAPI(),
		newVersion(),
	)
	return root
}

// helpWidth is the terminal that help is written for.
const helpWidth = 80

// usageTemplate is cobra's, whose flags fit a terminal. The settings are flags of
// every command and are listed once, by the program's own help.
func usageTemplate(own string) string {
	own = strings.ReplaceAll(own, ".FlagUsages ", fmt.Sprintf(".FlagUsagesWrapped %d ", helpWidth))
	flags, rest, found := strings.Cut(own, "{{if .HasAvailableInheritedFlags}}")
	if _, after, ends := strings.Cut(rest, "{{end}}"); found && ends {
		return flags + "{{if .HasAvailableInheritedFlags}}\n\nEach setting is a flag too: {{.Root.Name}} --help lists them.{{end}}" + after
	}
	return own
}

// wrongArgs makes a refusal of arguments a matter of usage.
func wrongArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{wrongArgument(cmd, args, err)}
		}
		return nil
	}
}

// wrongArgument says what was typed wrong: a command that does not exist, or
// arguments that are not those of the usage line.
func wrongArgument(cmd *cobra.Command, args []string, err error) error {
	if cmd.HasSubCommands() && len(args) > 0 {
		cmd.SuggestionsMinimumDistance = 2 // what cobra itself takes, but only where it finds no command
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return fmt.Errorf("there is no command %q; did you mean %s %s?", args[0], cmd.CommandPath(), near[0])
		}
		return fmt.Errorf("there is no command %q; see %s --help", args[0], cmd.CommandPath())
	}
	if cmd.HasSubCommands() {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	return fmt.Errorf("type it as: %s", strings.Replace(cmd.UseLine(), " [flags]", "", 1))
}

// needsSubcommand is the RunE of a command that only groups others.
func needsSubcommand(cmd *cobra.Command, _ []string) error { return cmd.Help() }
