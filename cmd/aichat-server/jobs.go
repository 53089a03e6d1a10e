package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/job"
)

func newJobs(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "jobs", Short: "See and change what is done later, such as letters", Args: wrongArgs(cobra.NoArgs), RunE: needsSubcommand,
		Long: `jobs shows letters that wait, or that could not be sent, and the sweeping up
that a server does every hour. A job that fails is tried again for about four
days, ever more rarely, and is then discarded; discarded and cancelled jobs are
shown for a week. What is in a letter is never shown.`,
	}
	cmd.AddCommand(newJobsList(s),
		newJobsChange(s, wire.BelowRetry, "Run a job now, also one that was given up"),
		newJobsChange(s, wire.BelowCancel, "Keep a job from being tried again"))
	return cmd
}

func newJobsList(s *settings) *cobra.Command {
	var state string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List jobs that are not done, newest first", Args: wrongArgs(cobra.NoArgs),
		Example: `  aichat-server jobs list
  aichat-server jobs list --state discarded`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkLimit(limit); err != nil {
				return &usageError{err}
			}
			q := url.Values{"limit": {strconv.Itoa(limit)}}
			if state != "" {
				if err := checkWord("--state", state, jobStates()); err != nil {
					return &usageError{err}
				}
				q.Set("state", state)
			}
			return s.withOperator(cmd, func(o *operator) error {
				var list wire.JobList
				if err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminJobs, q, nil, &list); err != nil {
					return err
				}
				return printJobs(cmd, list.Jobs, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only jobs in this `STATE`: "+orList(jobStates()))
	cmd.Flags().IntVar(&limit, "limit", 100, "how many jobs at most, up to 1000")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func jobStates() (names []string) {
	for _, s := range job.States() {
		names = append(names, string(s))
	}
	return names
}

func printJobs(cmd *cobra.Command, all []wire.Job, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), all)
	}
	if len(all) == 0 {
		note(cmd, "There are no such jobs.")
		return nil
	}
	rows := [][]string{{"ID", "KIND", "ABOUT", "STATE", "TRIES", "DUE", "ERROR"}}
	for i := range all {
		j := &all[i]
		rows = append(rows, []string{strconv.FormatInt(j.ID, 10), j.Kind, orDash(j.About), j.State,
			fmt.Sprintf("%d of %d", j.Attempt, j.MaxAttempts), j.DueAt.Local().Format(time.DateTime), orDash(j.Error)})
	}
	return printTable(cmd.OutOrStdout(), rows)
}

// newJobsChange is a command that does something to one job.
func newJobsChange(s *settings, what, short string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: what + " ID", Short: short, Args: wrongArgs(cobra.ExactArgs(1)),
		Example: "  aichat-server jobs " + what + " 17",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id <= 0 {
				return &usageError{fmt.Errorf("%q is no job's id; see: aichat-server jobs list", args[0])}
			}
			return s.withOperator(cmd, func(o *operator) error {
				var j wire.Job
				if err := o.call(cmd.Context(), http.MethodPost, wire.AdminJobPath(id, what), nil, nil, &j); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), j)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "job %d is %s\n", j.ID, j.State)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the job as JSON")
	return cmd
}
