package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
)

func newUsers(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Add users, and make the tokens they sign in with",
		Args:  wrongArgs(cobra.NoArgs),
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newUsersAdd(s), newUsersList(s), newUsersToken(s))
	return cmd
}

// shownUser is a user as --json prints it.
type shownUser struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Account   string    `json:"account"`
	Local     bool      `json:"local"`
	CreatedAt time.Time `json:"created_at"`
}

func shown(u identity.User) shownUser {
	return shownUser{string(u.ID), u.Name, string(u.Account), u.Local, u.CreatedAt.UTC()}
}

func newUsersAdd(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a user with a personal account", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.TrimSpace(args[0])
			if err := checkName(name); err != nil {
				return err
			}
			return s.withStore(cmd, func(db *store.DB) error {
				if err := nameFree(cmd.Context(), db, name); err != nil {
					return err
				}
				u := identity.User{
					ID: identity.UserID(conversation.NewID()), Account: identity.AccountID(conversation.NewID()),
					Name: name, CreatedAt: time.Now(),
				}
				if err := db.Identities().CreateUser(cmd.Context(), u); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), shown(u))
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "added %s; now: aichat-server users token create %s\n", name, name)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}

// nameFree refuses a name that a user has: commands name users by it.
func nameFree(ctx context.Context, db *store.DB, name string) error {
	users, err := db.Identities().Users(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(users, func(u identity.User) bool { return u.Name == name }) {
		return fault.New(fault.Invalid, "There is a user of that name already; see: aichat-server users list.")
	}
	return nil
}

func checkName(name string) error {
	if name == "" || len(name) > 200 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return &usageError{fmt.Errorf("a user's name is 1 to 200 bytes of text on one line")}
	}
	return conversation.CheckText("the name", name)
}

func newUsersList(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the users, oldest first", Args: wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withStore(cmd, func(db *store.DB) error {
				users, err := db.Identities().Users(cmd.Context())
				if err != nil {
					return err
				}
				return printUsers(cmd, users, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func printUsers(cmd *cobra.Command, users []identity.User, asJSON bool) error {
	if asJSON {
		all := make([]shownUser, len(users))
		for i, u := range users {
			all[i] = shown(u)
		}
		return printJSON(cmd.OutOrStdout(), all)
	}
	rows := [][]string{{"NAME", "ID", "SINCE"}}
	for _, u := range users {
		rows = append(rows, []string{u.Name, string(u.ID), u.CreatedAt.Format(time.DateOnly)})
	}
	return printTable(cmd.OutOrStdout(), rows)
}
