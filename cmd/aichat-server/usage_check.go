package main

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
)

func newUsageCheck(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check [USER]", Short: "Say whether counters and sums are what the ledger says", Args: wrongArgs(cobra.MaximumNArgs(1)),
		Long: `check adds up the ledger and what running calls hold, of one user's account or
of all, and says of each counter of a limit, and of each hour's sums, from which
usage is told, that it is not what they come to. It changes nothing, and is
right while the server runs. Where something is wrong the exit status is 1.`,
		Example: `  aichat-server usage check
  aichat-server usage check ada`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				found, err := o.wrongCounters(cmd, args)
				if err != nil {
					return err
				}
				if err := printWrong(cmd.OutOrStdout(), &found, asJSON); err != nil {
					return err
				}
				if wrong := howMany(&found); wrong != "" {
					return fmt.Errorf("wrong: %s; to set them right: aichat-server usage rebuild --yes", wrong)
				}
				if asJSON {
					return nil
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "All counters and sums are what the ledger says.")
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what is wrong as JSON")
	return cmd
}

func newUsageRebuild(s *settings) *cobra.Command {
	var asJSON, yes bool
	cmd := &cobra.Command{
		Use: "rebuild [USER]", Short: "Set counters and sums to what the ledger says", Args: wrongArgs(cobra.MaximumNArgs(1)),
		Long: `rebuild sets right what "usage check" finds, of one user's account or of all.
The ledger is not touched, and questions may be asked meanwhile. Without --yes
it only says what it would change.`,
		Example: `  aichat-server usage rebuild
  aichat-server usage rebuild --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				if yes {
					return rebuild(cmd, o, args, asJSON)
				}
				found, err := o.wrongCounters(cmd, args)
				if err != nil {
					return err
				}
				if err := printWrong(cmd.OutOrStdout(), &found, asJSON); err != nil || asJSON {
					return err
				}
				text := "Nothing has to be changed."
				if wrong := howMany(&found); wrong != "" {
					text = "This would be changed: " + wrong + ". Nothing was changed; to do it, add --yes."
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was wrong as JSON")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "change them")
	return cmd
}

func rebuild(cmd *cobra.Command, o *operator, args []string, asJSON bool) error {
	user, err := o.userID(cmd, args)
	if err != nil {
		return err
	}
	var mended wire.WrongCounters
	if err := o.call(cmd.Context(), http.MethodPost, wire.PathAdminCounters, nil, wire.CounterRebuild{User: user}, &mended); err != nil {
		return err
	}
	if err := printWrong(cmd.OutOrStdout(), &mended, asJSON); err != nil || asJSON {
		return err
	}
	text := "Nothing had to be changed."
	if wrong := howMany(&mended); wrong != "" {
		text = "Changed: " + wrong + "."
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}

// wrongCounters asks for those of the user that is named, or of all.
func (o *operator) wrongCounters(cmd *cobra.Command, args []string) (found wire.WrongCounters, err error) {
	user, err := o.userID(cmd, args)
	if err != nil {
		return found, err
	}
	err = o.call(cmd.Context(), http.MethodGet, wire.PathAdminCounters, url.Values{"user": {user}}, nil, &found)
	return found, err
}

// userID is the id of the user that may be named; empty: none is.
func (o *operator) userID(cmd *cobra.Command, args []string) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	u, err := o.user(cmd.Context(), args[0])
	return u.ID, err
}
