package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/version"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: wrongArgs(cobra.NoArgs),
		Example: "  aichat-server version",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version.String())
			return err
		},
	}
}
