package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

func newUsers(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Say who may use the server, and see what happened",
		Long: `users works whether the server runs or not: where it runs, on the server
(over its admin socket), else on the database. Run it as the user who runs the
server, with the same settings.

A user is named by e-mail address, by name where no address fits, or by as much
of the id as no other has: two people may go by one name.`,
		Args: wrongArgs(cobra.NoArgs),
		RunE: needsSubcommand,
	}
	cmd.AddCommand(newUsersList(s), newUsersAdd(s), newUsersOwner(s), newUsersInvite(s), newUsersInvitations(s), newUsersUninvite(s),
		newUsersRole(s), newUsersRemove(s), newUsersToken(s), newUsersAudit(s))
	return cmd
}

// note tells a person something that is no part of a command's result.
func note(cmd *cobra.Command, format string, args ...any) {
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...) // a closed stderr is no reason to stop
}

func newUsersList(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the users, oldest first", Args: wrongArgs(cobra.NoArgs),
		Example: `  aichat-server users list
  aichat-server users list --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				all, err := o.users(cmd.Context(), nil)
				if err != nil {
					return err
				}
				return printUsers(cmd, all, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func printUsers(cmd *cobra.Command, users []wire.User, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), users)
	}
	if len(users) == 0 {
		note(cmd, "There are no users yet. Make yourself the first: aichat-server users owner")
		return nil
	}
	rows := [][]string{{"ID", "ROLE", "SINCE", "NAME", "E-MAIL"}}
	for _, u := range users {
		rows = append(rows, []string{shortID(u.ID), roleOf(u), u.CreatedAt.Local().Format(time.DateOnly), u.Name, orDash(u.Email)})
	}
	return printTable(cmd.OutOrStdout(), rows)
}

func roleOf(u wire.User) string {
	switch {
	case u.ServerAdmin:
		return roleAdmin
	case u.Local:
		return "local"
	}
	return roleUser
}

func newUsersAdd(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a user who signs in with tokens", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `add makes a user with a personal account, who has no way to sign in but the
tokens that "users token create" makes: for programs, and for people on a server
without sign-in. To let somebody sign in with an address of theirs, invite it.`,
		Example: "  aichat-server users add ci",
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := identity.CleanName(args[0])
			if err != nil {
				return &usageError{errors.New(sentence(err))}
			}
			return s.withFounder(cmd, func(o *operator) error {
				var u wire.User
				if err := o.call(cmd.Context(), http.MethodPost, wire.PathAdminUsers, nil, wire.NewUser{ID: conversation.NewID(), Name: name}, &u); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), u)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "added %s; now: aichat-server users token create %s\n", u.Name, shellWord(u.Name))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}

// shellWord writes a word so that it can be pasted into a POSIX shell.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.@+", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func newUsersOwner(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "owner", Short: "Print a link that signs you in as the server's owner, once", Args: wrongArgs(cobra.NoArgs),
		Long: `owner prints a link that is good for fifteen minutes and for one use. Whoever
opens it becomes the server's first admin or, where there is one, signs in as
the one of longest standing. A link that was made before ends with it.`,
		Example: "  aichat-server users owner",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withFounder(cmd, func(o *operator) error {
				var link wire.OwnerLink
				if err := o.call(cmd.Context(), http.MethodPost, wire.PathAdminOwnerLink, nil, nil, &link); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), link)
				}
				if o.alone {
					note(cmd, "No server runs here: start it with aichat-server serve, then open the link.")
				}
				note(cmd, "Open this link in a browser before %s. It signs in once, as the server's owner: keep it to yourself.", link.ExpiresAt.Local().Format("15:04"))
				_, err := fmt.Fprintln(cmd.OutOrStdout(), link.URL)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the link as JSON")
	return cmd
}

// The roles on a server.
const (
	roleAdmin = "admin"
	roleUser  = "user"
)

func newUsersRole(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "role NAME admin|user", Short: "Make a user a server admin, or no longer one", Args: wrongArgs(cobra.ExactArgs(2)),
		Example: `  aichat-server users role ada admin
  aichat-server users role ada user`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] != roleAdmin && args[1] != roleUser {
				return &usageError{fmt.Errorf("a role on the server is admin or user, not %q", args[1])}
			}
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				admin := args[1] == roleAdmin
				if err := o.call(cmd.Context(), http.MethodPatch, wire.AdminUserPath(u.ID), nil, wire.UserChange{ServerAdmin: &admin}, &u); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), u)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", u.Name, roleOf(u))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the user as JSON")
	return cmd
}

func newUsersRemove(s *settings) *cobra.Command {
	var yes, asJSON bool
	cmd := &cobra.Command{
		Use: "remove NAME", Short: "Delete a user and all that is theirs, for ever", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `remove deletes the user, the personal account, its conversations, sessions and
tokens. It cannot be undone. What was used stays in the ledger, without a name.`,
		Example: `  aichat-server users remove ada
  aichat-server users remove 0193a7c2-4f1b --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := confirm(cmd, u, yes); err != nil {
					return err
				}
				if err := o.call(cmd.Context(), http.MethodDelete, wire.AdminUserPath(u.ID), nil, nil, nil); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), u)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", u.Name)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print whom it was as JSON")
	return cmd
}

// confirm lets a person type the name of whom they are about to delete.
func confirm(cmd *cobra.Command, u wire.User, yes bool) error {
	if yes {
		return nil
	}
	if !isTerminal(cmd.InOrStdin()) {
		return &usageError{errors.New("removing a user cannot be undone: say --yes")}
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "This deletes %s and all their conversations, for ever. Type the name to go on: ", u.Name)
	typed, err := typedLine(cmd.Context(), cmd.InOrStdin())
	if err != nil || strings.TrimSpace(typed) != u.Name {
		return errors.New("nothing was removed")
	}
	return nil
}

// typedLine reads a line, or gives up with the context.
func typedLine(ctx context.Context, in io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(in).ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case l := <-read:
		return l.text, l.err
	}
}

// isTerminal reports whether somebody sits at the other end.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
