package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
)

func newUsersToken(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke a user's tokens",
		Args:  wrongArgs(cobra.NoArgs),
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newTokenCreate(s), newTokenList(s), newTokenRevoke(s))
	return cmd
}

func newTokenCreate(s *settings) *cobra.Command {
	var name, scope string
	var lifetime time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use: "create USER", Short: "Make a token and print it, this once", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if lifetime < 0 {
				return &usageError{fmt.Errorf("--expires %v is in the past", lifetime)}
			}
			asked := wire.NewToken{ID: conversation.NewID(), Name: name, Scope: scope}
			if lifetime > 0 {
				until := time.Now().Add(lifetime)
				asked.ExpiresAt = &until
			}
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				var t wire.Token
				if err := o.call(cmd.Context(), http.MethodPost, wire.AdminUserPath(u.ID, wire.BelowTokens), nil, asked, &t); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), t)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), t.Token)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "made by aichat-server", "what the token is for")
	cmd.Flags().StringVar(&scope, "scope", wire.ScopeChat, "what it allows: read, chat (includes read), account; several in quotes")
	cmd.Flags().DurationVar(&lifetime, "expires", 0, "how long it is valid, such as 720h; 0 until it is revoked")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the token as JSON")
	return cmd
}

func newTokenList(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list USER", Short: "List a user's tokens, newest first", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				var list wire.TokenList
				if err := o.call(cmd.Context(), http.MethodGet, wire.AdminUserPath(u.ID, wire.BelowTokens), nil, nil, &list); err != nil {
					return err
				}
				return printTokens(cmd, u, list.Tokens, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func printTokens(cmd *cobra.Command, u wire.User, tokens []wire.Token, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), tokens)
	}
	if len(tokens) == 0 {
		note(cmd, "%s has no tokens. To make one: aichat-server users token create %s", u.Name, shellWord(u.Name))
		return nil
	}
	rows := [][]string{{"ID", "NAME", "SCOPE", "MADE", "USED", "STATE"}}
	for _, t := range tokens {
		used := "never"
		if t.UsedAt != nil {
			used = t.UsedAt.Local().Format(time.DateOnly)
		}
		rows = append(rows, []string{t.ID, t.Name, t.Scope, t.CreatedAt.Local().Format(time.DateOnly), used, tokenState(t, time.Now())})
	}
	return printTable(cmd.OutOrStdout(), rows)
}

func tokenState(t wire.Token, now time.Time) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked " + t.RevokedAt.Local().Format(time.DateOnly)
	case t.ExpiresAt == nil:
		return "valid"
	case now.After(*t.ExpiresAt):
		return "expired " + t.ExpiresAt.Local().Format(time.DateOnly)
	}
	return "valid until " + t.ExpiresAt.Local().Format(time.DateOnly)
}

func newTokenRevoke(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "revoke USER ID", Short: "End a token and what it has open; twice is nothing", Args: wrongArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := o.call(cmd.Context(), http.MethodDelete, wire.AdminUserPath(u.ID, wire.BelowTokens, args[1]), nil, nil, nil); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "revoked %s\n", args[1])
				return err
			})
		},
	}
}
