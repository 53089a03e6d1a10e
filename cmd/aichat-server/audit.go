package main

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/when"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
)

func newUsersAudit(s *settings) *cobra.Command {
	var user, what, since string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use: "audit", Short: "Show who signed in, was refused or was signed out, newest first", Args: wrongArgs(cobra.NoArgs),
		Long: `audit shows security events: sign-ins and refusals, sessions and tokens that
began or were ended, roles that changed, invitations and deletions. They are
kept for a year and hold no secrets.`,
		Example: `  aichat-server users audit --since yesterday
  aichat-server users audit --user ada --what sign_in_refused`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := auditQuestion(what, since, limit, time.Now())
			if err != nil {
				return &usageError{err}
			}
			return s.withOperator(cmd, func(o *operator) error { return o.audit(cmd, q, user, asJSON) })
		},
	}
	cmd.Flags().StringVar(&user, "user", "", "only what concerns this `USER`")
	cmd.Flags().StringVar(&what, "what", "", "only events of this `KIND`, such as sign_in_refused")
	cmd.Flags().StringVar(&since, "since", "", "only from `WHEN` on: 24h, 7d, yesterday, or a date such as 2026-05-04")
	cmd.Flags().IntVar(&limit, "limit", 100, "how many events at most, up to 1000")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// auditQuestion is what somebody wants to know, as the server is asked it.
func auditQuestion(what, since string, limit int, now time.Time) (url.Values, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if what != "" {
		kinds := make([]string, 0, len(identity.Whats()))
		for _, w := range identity.Whats() {
			kinds = append(kinds, string(w))
		}
		if err := checkWord("--what", what, kinds); err != nil {
			return nil, err
		}
		q.Set("what", what)
	}
	if since != "" {
		at, err := moment(since, now)
		if err != nil {
			return nil, err
		}
		q.Set("since", at.Format(time.RFC3339))
	}
	return q, checkLimit(limit)
}

// moment reads how far back somebody wants to look: any span, such as 90m, or what
// --from takes.
func moment(text string, now time.Time) (time.Time, error) {
	if span, err := time.ParseDuration(text); err == nil && span > 0 {
		return now.Add(-span), nil
	}
	span, err := when.Read("--since", text, now)
	if err != nil {
		return time.Time{}, err
	}
	if at, err := time.ParseInLocation(time.DateOnly, span.From, now.Location()); err == nil {
		return at, nil
	}
	return time.Parse(time.RFC3339, span.From)
}

func (o *operator) audit(cmd *cobra.Command, q url.Values, user string, asJSON bool) error {
	if user != "" {
		u, err := o.user(cmd.Context(), user)
		if err != nil {
			return err
		}
		q.Set("user", u.ID)
	}
	var page wire.AuditPage
	if err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminAudit, q, nil, &page); err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), page.Events)
	}
	if len(page.Events) == 0 {
		note(cmd, "Nothing of the kind has happened.")
		return nil
	}
	names, err := o.names(cmd)
	if err != nil {
		return err
	}
	rows := [][]string{{"WHEN", "WHAT", "WHO", "BY", "FROM", "DETAIL"}}
	for _, e := range page.Events {
		rows = append(rows, []string{e.At.Local().Format(time.DateTime), e.What,
			named(names, e.User), named(names, e.By), orDash(e.Address), e.Detail})
	}
	return printTable(cmd.OutOrStdout(), rows)
}

// names are those of the users there are, by their ids.
func (o *operator) names(cmd *cobra.Command) (map[string]string, error) {
	all, err := o.users(cmd.Context(), nil)
	names := map[string]string{}
	for _, u := range all {
		names[u.ID] = u.Name
	}
	return names, err
}

// named is what a person calls an id; one that is nobody's any more is itself.
func named(names map[string]string, id string) string {
	if name, ok := names[id]; ok {
		return name
	}
	return orDash(id)
}
