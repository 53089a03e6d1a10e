package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
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

// shownToken is a token as --json prints it. Token itself is there once, when
// it has just been made.
type shownToken struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Token     string     `json:"token,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
}

func shownTokenOf(t identity.Token, text string) shownToken {
	return shownToken{t.ID, t.Name, text, t.CreatedAt.UTC(), orNull(t.ExpiresAt), orNull(t.RevokedAt)}
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func newTokenCreate(s *settings) *cobra.Command {
	var name string
	var lifetime time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use: "create USER", Short: "Make a token and print it, this once", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if lifetime < 0 {
				return &usageError{fmt.Errorf("--expires %v is in the past", lifetime)}
			}
			return s.withStore(cmd, func(db *store.DB) error {
				u, err := db.Identities().UserNamed(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				text := identity.PersonalToken.New()
				t := identity.Token{ID: conversation.NewID(), User: u.ID, Name: name, Hash: identity.Hash(text), CreatedAt: time.Now()}
				if lifetime > 0 {
					t.ExpiresAt = t.CreatedAt.Add(lifetime)
				}
				if err := db.Identities().AddToken(cmd.Context(), t); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), shownTokenOf(t, text))
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "made by aichat-server", "what the token is for")
	cmd.Flags().DurationVar(&lifetime, "expires", 0, "how long it is valid, such as 720h; 0 until it is revoked")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the token as JSON")
	return cmd
}

func newTokenList(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list USER", Short: "List a user's tokens, newest first", Args: wrongArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withStore(cmd, func(db *store.DB) error {
				u, err := db.Identities().UserNamed(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				tokens, err := db.Identities().Tokens(cmd.Context(), u.ID)
				if err != nil {
					return err
				}
				return printTokens(cmd, tokens, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func printTokens(cmd *cobra.Command, tokens []identity.Token, asJSON bool) error {
	if asJSON {
		all := make([]shownToken, len(tokens))
		for i, t := range tokens {
			all[i] = shownTokenOf(t, "")
		}
		return printJSON(cmd.OutOrStdout(), all)
	}
	rows := [][]string{{"ID", "NAME", "MADE", "STATE"}}
	for _, t := range tokens {
		rows = append(rows, []string{t.ID, t.Name, t.CreatedAt.Format(time.DateOnly), tokenState(t, time.Now())})
	}
	return printTable(cmd.OutOrStdout(), rows)
}

func tokenState(t identity.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked " + t.RevokedAt.Format(time.DateOnly)
	case t.ExpiresAt.IsZero():
		return "valid"
	case now.After(t.ExpiresAt):
		return "expired " + t.ExpiresAt.Format(time.DateOnly)
	}
	return "valid until " + t.ExpiresAt.Format(time.DateOnly)
}

func newTokenRevoke(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "revoke USER ID", Short: "End a token; twice is nothing", Args: wrongArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withStore(cmd, func(db *store.DB) error {
				u, err := db.Identities().UserNamed(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return db.Identities().RevokeToken(cmd.Context(), u.ID, args[1], time.Now())
			})
		},
	}
}
