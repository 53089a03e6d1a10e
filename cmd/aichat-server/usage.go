package main

import "github.com/spf13/cobra"

func newUsage(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "usage", Short: "See that the counters of limits are right", Args: wrongArgs(cobra.NoArgs), RunE: needsSubcommand,
		Long: `usage proves the counters of limits against the ledger, and sets them right.`,
	}
	cmd.AddCommand(newUsageCheck(s), newUsageRebuild(s))
	return cmd
}
