package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/store"
)

func newMigrate(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `serve and local bring the schema up to date by themselves. migrate does only
that, for a deployment that wants it as a step of its own.`,
		Args: wrongArgs(cobra.NoArgs),
		RunE: needsSubcommand,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "up", Short: "Bring the schema up to date", Args: wrongArgs(cobra.NoArgs),
			Example: "  aichat-server migrate up",
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, _, err := s.load(cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				from, to, err := store.Migrate(cmd.Context(), storeOptions(c))
				if err != nil {
					return err
				}
				if from == 0 {
					noteFounded(cmd, c)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "schema %d -> %d\n", from, to)
				return err
			},
		},
		&cobra.Command{
			Use: "status", Short: "Say whether the schema is up to date", Args: wrongArgs(cobra.NoArgs),
			Example: "  aichat-server migrate status",
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, _, err := s.load(cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				o := storeOptions(c)
				o.NoMigrate, o.Existing = true, true
				db, err := store.Open(cmd.Context(), o)
				if errors.Is(err, store.ErrNone) {
					return noDatabase(c)
				}
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), "up to date"); err != nil {
					return err
				}
				return db.Close()
			},
		},
	)
	return cmd
}

func storeOptions(c server.Config) store.Options {
	return store.Options{Database: c.Database, Direct: c.DatabaseDirect}
}
