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
	root.SetFlagErrorFunc(wrongFlag)
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
	own = strings.ReplaceAll(own, `Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		"More about one of them: {{.CommandPath}} [command] --help")
	flags, rest, found := strings.Cut(own, "{{if .HasAvailableInheritedFlags}}")
	if _, after, ends := strings.Cut(rest, "{{end}}"); found && ends {
		return flags + "{{if .HasAvailableInheritedFlags}}\n\nEach setting is a flag too: {{.Root.Name}} --help lists them.{{end}}" + after
	}
	return own
}

// needsSubcommand is the RunE of a command that only groups others.
func needsSubcommand(cmd *cobra.Command, _ []string) error { return cmd.Help() }
