package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

func newPlans(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "plans", Short: "See the plans, and say who has which", Args: wrongArgs(cobra.NoArgs), RunE: needsSubcommand,
		Long: `plans shows what accounts may use. The plans stand in a file of yours, named by
the setting plans, or else are the built-in ones; "plans show --built-in" prints
those, to begin a file with. A change of the file holds at once, without a
restart; one with a mistake is logged, and the plans before it stay.`,
	}
	cmd.AddCommand(newPlansList(s), newPlansShow(s), newPlansCheck(s), newPlansSet(s))
	return cmd
}

// allPlans asks for the plans, and says what is wrong with their file.
func (o *operator) allPlans(cmd *cobra.Command) ([]wire.Plan, error) {
	var list wire.PlanList
	err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminPlans, nil, nil, &list)
	if is := list.Trouble; is != nil {
		note(cmd, "%s has been wrong since %s: the plans from before it stay in force.\n%s", is.File, is.Since.Local().Format(time.DateTime),
			strings.Join(is.Mistakes, "\n"))
		note(cmd, "Mend it: that holds at once. A server that is started with it as it is does not start.\n")
	}
	return list.Plans, err
}

func newPlansList(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the plans, and how many accounts have each", Args: wrongArgs(cobra.NoArgs),
		Example: "  aichat-server plans list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				all, err := o.allPlans(cmd)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), all)
				}
				return printTable(cmd.OutOrStdout(), planRows(all))
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// planRows are a row for each limit of the plans.
func planRows(all []wire.Plan) [][]string {
	rows := [][]string{{"PLAN", "TITLE", "ACCOUNTS", "LIMITS"}}
	for i := range all {
		p := &all[i]
		name := p.Name
		if p.Default {
			name += " (default)"
		}
		if !p.Offered {
			name += " (not offered)"
		}
		first := []string{name, cut(orDash(p.Title), widestTitle), strconv.FormatInt(p.Accounts, 10)}
		for _, limit := range planTexts(p) {
			rows = append(rows, append(first, limit))
			first = []string{"", "", ""}
		}
	}
	return rows
}

// widestTitle is how much of a plan's title or a key's label a table shows, in
// characters.
const widestTitle = 16

// planTexts are all that a plan limits, for people: its models too.
func planTexts(p *wire.Plan) []string {
	all := limitTexts(p)
	for i, pattern := range p.Models {
		if i == 0 {
			pattern = "only the models " + pattern
		} else {
			pattern = "and " + pattern
		}
		all = append(all, pattern)
	}
	if len(all) == 0 {
		return []string{"none"}
	}
	return all
}

// limitTexts are a plan's limits and rates, for people.
func limitTexts(p *wire.Plan) []string {
	var all []string
	for _, l := range p.Limits {
		text := quota.Quantity(quota.Unit(l.Unit), l.Most) + " a " + l.Period
		switch {
		case l.Only != "":
			text += " of each " + l.Only
		case l.Scope != string(quota.ForAccount):
			text += " for each " + l.Scope
		}
		all = append(all, text)
	}
	rate := func(n int64, what string) {
		if n > 0 {
			all = append(all, usage.Grouped(n)+" "+what)
		}
	}
	rate(p.Rates.RequestsPerMinute, "questions a minute")
	rate(p.Rates.TokensPerMinute, "tokens a minute")
	rate(p.Rates.Streams, "answers at once")
	rate(p.Rates.SessionStreams, "answers at once for each sign-in")
	return all
}

func newPlansShow(s *settings) *cobra.Command {
	var asJSON, builtIn bool
	cmd := &cobra.Command{
		Use: "show [NAME]", Short: "Show a plan, or the built-in plans' file", Args: wrongArgs(cobra.MaximumNArgs(1)),
		Example: `  aichat-server plans show free
  aichat-server plans show --built-in > plans.toml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if builtIn {
				_, err := cmd.OutOrStdout().Write(quota.BuiltIn)
				return err
			}
			if len(args) == 0 {
				return &usageError{errors.New("which plan? See: aichat-server plans list")}
			}
			return s.withOperator(cmd, func(o *operator) error {
				all, err := o.allPlans(cmd)
				if err != nil {
					return err
				}
				at := slices.IndexFunc(all, func(p wire.Plan) bool { return p.Name == args[0] })
				if at < 0 {
					return fmt.Errorf("there is no plan %q; see: aichat-server plans list", args[0])
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), all[at])
				}
				return printPlan(cmd.OutOrStdout(), &all[at])
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the plan as JSON")
	cmd.Flags().BoolVar(&builtIn, "built-in", false, "print the file with the built-in plans")
	return cmd
}

func printPlan(w io.Writer, p *wire.Plan) error {
	rows := [][]string{{"plan", p.Name}, {"title", orDash(p.Title)}, {"accounts", strconv.FormatInt(p.Accounts, 10)}}
	if p.Default {
		rows = append(rows, []string{"default", "yes"})
	}
	if !p.Offered {
		rows = append(rows, []string{"offered", "no: only who has it sees it"})
	}
	models := "all"
	if len(p.Models) > 0 {
		models = strings.Join(p.Models, ", ")
	}
	rows = append(rows, []string{"models", models})
	if p.ReserveOutput > 0 {
		rows = append(rows, []string{"reserved output", strconv.FormatInt(p.ReserveOutput, 10) + " tokens at most"})
	}
	for _, l := range limitTexts(p) {
		rows = append(rows, []string{"limit", l})
	}
	return printTable(w, rows)
}

func newPlansCheck(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check [FILE]", Short: "Say whether a file of plans is right, and on which lines it is not", Args: wrongArgs(cobra.MaximumNArgs(1)),
		Long: `check reads a file of plans, or without one the file that the setting plans
names, and says all that is wrong with it, line by line. Nothing else is read or
changed. Where there are mistakes the exit status is 1.`,
		Example: `  aichat-server plans show --built-in > plans.toml
  aichat-server plans check plans.toml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, _, err := s.load(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			file := c.Plans
			if len(args) > 0 {
				file = args[0]
			}
			if file == "" {
				return &usageError{errors.New("which file? The setting plans names none: the built-in plans are in force")}
			}
			plans, err := quota.ReadPlans(file, c.DefaultPlan)
			said := ""
			if err == nil {
				said = "plans " + strings.Join(plans.Names(), ", ")
			}
			return printCheck(cmd, file, said, err, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func newPlansSet(s *settings) *cobra.Command {
	var asJSON bool
	var day int
	cmd := &cobra.Command{
		Use: "set USER [PLAN]", Short: "Give a user's account a plan, or - for the default", Args: wrongArgs(cobra.RangeArgs(1, 2)),
		Long: `set gives a user's account a plan, or - for the default one. With --month-day
the account's months begin on that day: the 31st is a shorter month's last day.
What was used is counted anew by the month that there is then. Without a plan
only the day is changed; without either, what the account has is shown.`,
		Example: `  aichat-server plans set ada pro
  aichat-server plans set ada - --month-day 15
  aichat-server plans set ada`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if day < 0 || day > 31 {
				return &usageError{fmt.Errorf("--month-day takes a day from 1 to 31, or 0 for that of the account's creation, not %d", day)}
			}
			var plan *string
			if len(args) > 1 {
				plan = new(strings.TrimPrefix(args[1], "-"))
			}
			var from *int
			if cmd.Flags().Changed("month-day") {
				from = &day
			}
			return s.withOperator(cmd, func(o *operator) error {
				u, has, err := o.givePlan(cmd.Context(), args[0], plan, from)
				if err != nil {
					return err
				}
				return printAccountPlan(cmd.OutOrStdout(), &u, &has, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what the account has as JSON")
	cmd.Flags().IntVar(&day, "month-day", 0, "day of the month, 1 to 31, on which its months begin; 0: that of its creation")
	return cmd
}

// givePlan gives a user's account a plan (empty: the default one), and a day on which
// its months begin, and returns what it has then; nil: what there is stays.
func (o *operator) givePlan(ctx context.Context, user string, plan *string, day *int) (u wire.User, has wire.AccountPlan, err error) {
	if u, err = o.user(ctx, user); err != nil {
		return u, has, err
	}
	path := wire.AdminUserPath(u.ID, wire.BelowPlan)
	err = o.call(ctx, http.MethodGet, path, nil, nil, &has)
	if err != nil || plan == nil && day == nil {
		return u, has, err
	}
	change := wire.PlanChange{Plan: has.Plan, MonthDay: day}
	if plan != nil {
		change.Plan = *plan
	}
	if err = o.call(ctx, http.MethodPut, path, nil, change, nil); err == nil {
		err = o.call(ctx, http.MethodGet, path, nil, nil, &has)
	}
	return u, has, err
}

func printAccountPlan(w io.Writer, u *wire.User, has *wire.AccountPlan, asJSON bool) error {
	if asJSON {
		return printJSON(w, struct {
			User    string `json:"user"`
			Account string `json:"account"`
			wire.AccountPlan
		}{u.ID, u.Account, *has})
	}
	plan := has.Plan
	if plan == "" {
		plan = "the default plan"
	}
	const date = "2006-01-02"
	_, err := fmt.Fprintf(w, "%s: %s; its months begin on day %d, this one began on %s and ends on %s\n",
		u.Name, plan, has.MonthDay, has.MonthStarts.Format(date), has.MonthEnds.Format(date))
	return err
}
