package main

import (
	"fmt"

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
		return &usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	})
	settings := bindSettings(root)
	root.AddCommand(
		newServe(settings),
		newLocal(),
		newMigrate(settings),
		newUsers(settings),
		newPlans(settings),
		newJobs(settings),
		newMail(settings),
		newConfig(settings),
		newModels(settings),
		newOpenAPI(),
		newVersion(),
	)
	return root
}

// wrongArgs makes a refusal of arguments a matter of usage.
func wrongArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
		}
		return nil
	}
}

// needsSubcommand is the RunE of a command that only groups others.
func needsSubcommand(cmd *cobra.Command, _ []string) error { return cmd.Help() }
