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
		Example: "  aichat-server users token create ci --scope chat --expires 720h",
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
		Example: "  aichat-server users token list ci",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				all, err := o.tokens(cmd, &u)
				if err != nil {
					return err
				}
				return printTokens(cmd, u, all, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

// tokens asks for a user's tokens.
func (o *operator) tokens(cmd *cobra.Command, of *wire.User) ([]wire.Token, error) {
	var list wire.TokenList
	err := o.call(cmd.Context(), http.MethodGet, wire.AdminUserPath(of.ID, wire.BelowTokens), nil, nil, &list)
	return list.Tokens, err
}

// token finds the one of a user's tokens that a command names by the beginning of its
// id.
func (o *operator) token(cmd *cobra.Command, of *wire.User, id string) (wire.Token, error) {
	all, err := o.tokens(cmd, of)
	if err != nil {
		return wire.Token{}, err
	}
	return withID(all, func(t *wire.Token) string { return t.ID }, id, "token", "aichat-server users token list "+shellWord(of.Name))
}

func printTokens(cmd *cobra.Command, u wire.User, tokens []wire.Token, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), tokens)
	}
	if len(tokens) == 0 {
		note(cmd, "%s has no tokens. To make one: aichat-server users token create %s", u.Name, shellWord(u.Name))
		return nil
	}
	rows := [][]string{{"ID", "SCOPE", "MADE", "USED", "STATE", "NAME"}}
	for _, t := range tokens {
		used := "never"
		if t.UsedAt != nil {
			used = t.UsedAt.Local().Format(time.DateOnly)
		}
		rows = append(rows, []string{shortID(t.ID), t.Scope, t.CreatedAt.Local().Format(time.DateOnly), used, tokenState(t, time.Now()), t.Name})
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
	var asJSON bool
	cmd := &cobra.Command{
		Use: "revoke USER ID", Short: "End a token and what it has open; twice is nothing", Args: wrongArgs(cobra.ExactArgs(2)),
		Example: "  aichat-server users token revoke ci 0193a7c2-4f1b",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				u, err := o.user(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				t, err := o.token(cmd, &u, args[1])
				if err != nil {
					return err
				}
				if err := o.call(cmd.Context(), http.MethodDelete, wire.AdminUserPath(u.ID, wire.BelowTokens, t.ID), nil, nil, nil); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), t)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "revoked %s of %s\n", shortID(t.ID), u.Name)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print which one it was as JSON")
	return cmd
}
