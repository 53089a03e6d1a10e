package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/quota"
)

func newUsageCheck(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check [USER]", Short: "Say whether the counters of limits are what the ledger says", Args: wrongArgs(cobra.MaximumNArgs(1)),
		Long: `check adds up the ledger and what running calls hold, of one user's account or
of all, and says of each counter that is not what they come to. It changes
nothing, and is right while the server runs. Where a counter is wrong the exit
status is 1.`,
		Example: `  aichat-server usage check
  aichat-server usage check ada`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				wrong, err := o.wrongCounters(cmd, args)
				if err != nil {
					return err
				}
				if err := printCounters(cmd.OutOrStdout(), wrong, asJSON); err != nil {
					return err
				}
				if len(wrong) > 0 {
					return fmt.Errorf("wrong counters: %d; to set them right: aichat-server usage rebuild --yes", len(wrong))
				}
				if asJSON {
					return nil
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "All counters are what the ledger says.")
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the wrong counters as a JSON array")
	return cmd
}

func newUsageRebuild(s *settings) *cobra.Command {
	var asJSON, yes bool
	cmd := &cobra.Command{
		Use: "rebuild [USER]", Short: "Set the counters of limits to what the ledger says", Args: wrongArgs(cobra.MaximumNArgs(1)),
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
				wrong, err := o.wrongCounters(cmd, args)
				if err != nil {
					return err
				}
				if err := printCounters(cmd.OutOrStdout(), wrong, asJSON); err != nil || asJSON {
					return err
				}
				text := "Nothing has to be changed."
				if len(wrong) > 0 {
					text = fmt.Sprintf("Counters that would be changed: %d. Nothing was changed; to do it, add --yes.", len(wrong))
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the wrong counters, as they were, as a JSON array")
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
	if err := printCounters(cmd.OutOrStdout(), mended.Wrong, asJSON); err != nil || asJSON {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Counters that were changed: %d\n", len(mended.Wrong))
	return err
}

// wrongCounters asks for those of the user that is named, or of all.
func (o *operator) wrongCounters(cmd *cobra.Command, args []string) ([]wire.WrongCounter, error) {
	user, err := o.userID(cmd, args)
	if err != nil {
		return nil, err
	}
	var found wire.WrongCounters
	err = o.call(cmd.Context(), http.MethodGet, wire.PathAdminCounters, url.Values{"user": {user}}, nil, &found)
	return found.Wrong, err
}

// userID is the id of the user that may be named; empty: none is.
func (o *operator) userID(cmd *cobra.Command, args []string) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	u, err := o.user(cmd.Context(), args[0])
	return u.ID, err
}

// printCounters shows wrong counters; of none, only as JSON.
func printCounters(w io.Writer, all []wire.WrongCounter, asJSON bool) error {
	if asJSON {
		return printJSON(w, all)
	}
	if len(all) == 0 {
		return nil
	}
	rows := [][]string{{"ACCOUNT OF", "COUNTER", "FROM", "", "STORED", "REALLY"}}
	for i := range all {
		rows = append(rows, counterRows(&all[i])...)
	}
	return printTable(w, rows)
}

// counterRows are the units of a counter that are wrong.
func counterRows(c *wire.WrongCounter) (rows [][]string) {
	who := c.User
	if who == "" {
		who = c.Account
	}
	what := c.Scope
	if c.Subject != "" {
		what += " " + c.Subject
	}
	line := func(unit quota.Unit, how string, stored, really int64) {
		if stored != really {
			rows = append(rows, []string{who, what + " a " + c.Period, c.Starts.Format("2006-01-02"),
				how, quota.Quantity(unit, stored), quota.Quantity(unit, really)})
		}
	}
	for _, of := range []struct {
		how          string
		stored, real wire.Amount
	}{{"used", c.Stored.Used, c.Real.Used}, {"held", c.Stored.Held, c.Real.Held}} {
		line(quota.Messages, of.how, of.stored.Messages, of.real.Messages)
		line(quota.Tokens, of.how, of.stored.Tokens, of.real.Tokens)
		line(quota.MicroUSD, of.how, of.stored.MicroUSD, of.real.MicroUSD)
	}
	return rows
}
