package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
)

func newUsersInvite(s *settings) *cobra.Command {
	var admin, asJSON bool
	var lifetime time.Duration
	cmd := &cobra.Command{
		Use: "invite E-MAIL", Short: "Let an address sign up", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `invite lets whoever owns the address sign up, once: with an identity provider
that vouches for the address, or with a code by e-mail. Where the server can
send mail it writes to the address; else pass the printed link on yourself. A
second invitation takes the place of the first.`,
		Example: `  aichat-server users invite ada@example.com
  aichat-server users invite ada@example.com --admin --expires 48h`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if lifetime < 0 {
				return &usageError{fmt.Errorf("--expires %v is in the past", lifetime)}
			}
			asked := wire.NewInvitation{Email: args[0], Admin: admin}
			if lifetime > 0 {
				until := time.Now().Add(lifetime)
				asked.ExpiresAt = &until
			}
			return s.withFounder(cmd, func(o *operator) error {
				var i wire.Invitation
				if err := o.call(cmd.Context(), http.MethodPost, wire.PathAdminInvitations, nil, asked, &i); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), i)
				}
				return printInvited(cmd, i)
			})
		},
	}
	cmd.Flags().BoolVar(&admin, "admin", false, "the user becomes a server admin")
	cmd.Flags().DurationVar(&lifetime, "expires", 14*24*time.Hour, "how long the invitation is good; 0 until it is used")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the invitation as JSON")
	return cmd
}

func printInvited(cmd *cobra.Command, i wire.Invitation) error {
	switch {
	case i.URL == "":
		note(cmd, "Kept; but nobody who is invited can sign in yet: no provider and no mail is configured, or AICHAT_SERVER_URL is not set. How: docs/operating.md, \"Who may sign in\".")
	case i.Mailed:
		note(cmd, "A letter is on its way to %s.", i.Email)
	default:
		note(cmd, "This server sends no mail: pass this link on to %s, to sign up with that address.", i.Email)
		_, err := fmt.Fprintln(cmd.OutOrStdout(), i.URL)
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "invited %s\n", i.Email)
	return err
}

func newUsersInvitations(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "invitations", Short: "List the invitations, newest first", Args: wrongArgs(cobra.NoArgs),
		Example: "  aichat-server users invitations",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				var list wire.InvitationList
				if err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminInvitations, nil, nil, &list); err != nil {
					return err
				}
				return printInvitations(cmd, list.Invitations, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func printInvitations(cmd *cobra.Command, all []wire.Invitation, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), all)
	}
	if len(all) == 0 {
		note(cmd, "Nobody is invited. To let an address sign up: aichat-server users invite E-MAIL")
		return nil
	}
	rows := [][]string{{"E-MAIL", "ROLE", "INVITED", "STATE"}}
	for _, i := range all {
		role := roleUser
		if i.Admin {
			role = roleAdmin
		}
		rows = append(rows, []string{i.Email, role, i.CreatedAt.Local().Format(time.DateOnly), invitationState(i, time.Now())})
	}
	return printTable(cmd.OutOrStdout(), rows)
}

func invitationState(i wire.Invitation, now time.Time) string {
	switch {
	case i.UsedAt != nil:
		return "used " + i.UsedAt.Local().Format(time.DateOnly)
	case i.ExpiresAt == nil:
		return "open"
	case now.After(*i.ExpiresAt):
		return "expired " + i.ExpiresAt.Local().Format(time.DateOnly)
	}
	return "open until " + i.ExpiresAt.Local().Format(time.DateOnly)
}

func newUsersUninvite(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "uninvite E-MAIL", Short: "Take an invitation back", Args: wrongArgs(cobra.ExactArgs(1)),
		Example: "  aichat-server users uninvite ada@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				err := o.call(cmd.Context(), http.MethodDelete, wire.PathAdminInvitations, url.Values{"email": {args[0]}}, nil, nil)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), uninvited{args[0]})
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is not invited any more\n", args[0])
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print whose it was as JSON")
	return cmd
}

// uninvited is an invitation that was taken back, as --json prints it.
type uninvited struct {
	Email string `json:"email"`
}
