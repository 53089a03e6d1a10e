package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// tokens makes and ends tokens for scripts.
func (p *program) tokens() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tokens",
		Short: "Make, list and revoke tokens for scripts",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat tokens --help", "There is no command %q under tokens.", oneLine(args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listTokens(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	cmd.AddCommand(p.tokensCreate(), p.tokensList(), p.tokensRevoke())
	return cmd
}

type tokenOptions struct {
	name, expires, scope string
	json                 bool
}

func (p *program) tokensCreate() *cobra.Command {
	var o tokenOptions
	cmd := &cobra.Command{
		Use:   "create --name NAME",
		Short: "Make a token, and print it: this once, and never again",
		Long: `Make a token for a script, and print it. It cannot be shown again: the server
keeps only its fingerprint. A script uses it with the server's address:

  AICHAT_URL=https://chat.example.com AICHAT_TOKEN=… aichat ask "…"

The scopes: read (chats, models, usage), chat (that, and asking and changing;
the default), account (profile, sessions, tokens and provider keys).`,
		Example: "  aichat tokens create --name ci --expires 90d\n  aichat tokens create --name backup --scope read --expires 365d",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.createToken(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "what it is for, as the list will show it")
	f.StringVar(&o.expires, "expires", "90d", "how long it is good for (90d, 12h), or until which day (2030-01-31); a year at most")
	f.StringVar(&o.scope, "scope", wire.ScopeChat, "what it allows: read, chat, account; several with commas")
	f.BoolVar(&o.json, "json", false, "print a JSON object")
	return cmd
}

func (p *program) createToken(ctx context.Context, o tokenOptions) error {
	if strings.TrimSpace(o.name) == "" {
		return usage("Type what it is for: aichat tokens create --name ci", "A token needs a name.")
	}
	end, err := expiry(o.expires, p.now())
	if err != nil {
		return err
	}
	scope, err := scopes(o.scope)
	if err != nil {
		return err
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	t, err := c.CreateAccessToken(ctx, wire.NewToken{ID: newID(), Name: o.name, Scope: scope, ExpiresAt: &end})
	if err != nil {
		return err
	}
	if o.json {
		return p.printJSON(t)
	}
	if p.err.terminal {
		_ = write(p.err, "This is the token. It is not shown again. "+sentence(good(t, p.now()))+"\n")
	}
	return p.print(oneLine(t.Token) + "\n")
}

// expiry reads how long something is to be good for. Nothing is good for ever:
// a server that is told no end chooses one.
func expiry(text string, now time.Time) (time.Time, error) {
	if day, err := time.ParseInLocation("2006-01-02", text, time.Local); err == nil {
		end := day.AddDate(0, 0, 1)
		if !end.After(now) {
			return time.Time{}, usage("Type a day to come.", "%s is past.", text)
		}
		return end, nil
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 36600 {
			end := now.AddDate(0, 0, n)
			return end, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		end := now.Add(d)
		return end, nil
	}
	return time.Time{}, usage("Type 90d, 12h or 2030-01-31: a token is good for a year at most.", "--expires cannot be %q.", oneLine(text))
}

// scopes reads a list of scopes.
func scopes(text string) (string, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	for _, w := range words {
		if w != wire.ScopeRead && w != wire.ScopeChat && w != wire.ScopeAccount {
			return "", usage("Use read, chat or account.", "There is no scope %q.", oneLine(w))
		}
	}
	if len(words) == 0 {
		return "", usage("Use read, chat or account.", "A token needs a scope.")
	}
	return strings.Join(words, " "), nil
}

// good says until when a token is good.
func good(t wire.Token, now time.Time) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked"
	case t.ExpiresAt == nil:
		return "does not expire"
	case !t.ExpiresAt.After(now):
		return "expired"
	}
	return "good until " + t.ExpiresAt.Local().Format("2006-01-02 15:04")
}

func (p *program) tokensList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List your tokens, newest first",
		Long: `List your tokens, newest first, those revoked too. No list shows a token itself.

In a pipe there is one a line: id, name, scope, created, expires, revoked and
last used, with tabs between; what is not is empty.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listTokens(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (p *program) listTokens(ctx context.Context, asJSON bool) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	list, err := c.AccessTokens(ctx)
	if err != nil {
		return err
	}
	switch {
	case asJSON:
		return p.printJSON(list)
	case !p.out.terminal:
		return p.print(tokenLines(list.Tokens))
	case len(list.Tokens) == 0:
		return p.print("There are none. To make one: aichat tokens create --name NAME\n")
	}
	return p.page(p.tokenTable(list.Tokens))
}

func tokenLines(all []wire.Token) string {
	var b strings.Builder
	for _, t := range all {
		b.WriteString(strings.Join([]string{
			oneLine(t.ID), oneLine(t.Name), oneLine(t.Scope), t.CreatedAt.UTC().Format(time.RFC3339),
			timeOrNothing(t.ExpiresAt), timeOrNothing(t.RevokedAt), timeOrNothing(t.UsedAt),
		}, "\t") + "\n")
	}
	return b.String()
}

func timeOrNothing(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (p *program) tokenTable(all []wire.Token) string {
	t := table{head: []string{"ID", "LAST USED", "SCOPE", "STATE", "NAME"}, typed: []bool{true}, last: true}
	for _, one := range all {
		used := "never"
		if one.UsedAt != nil {
			used = ago(*one.UsedAt, p.now())
		}
		t.rows = append(t.rows, []string{shortID(one.ID), used, oneLine(one.Scope), good(one, p.now()), oneLine(one.Name)})
	}
	return t.render(p.out.width(), p.style)
}

func (p *program) tokensRevoke() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "End a token, for good, and cut off what is read with it",
		Long: `End a token, for good: what uses it is refused from then on, and what is being
read with it is cut off.`,
		Example: "  aichat tokens revoke 0193a7c2",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] != "" {
				return nil
			}
			return usage("See: aichat tokens list", "Which token? Type its id.")
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.revokeToken(cmd.Context(), args[0], yes) },
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (p *program) revokeToken(ctx context.Context, id string, yes bool) error {
	c, t, err := p.findToken(ctx, id)
	switch {
	case err != nil:
		return err
	case t.RevokedAt != nil:
		return p.print("The token " + oneLine(t.Name) + " had ended already.\n")
	case !yes:
		ask := asking{whether: "to revoke a token", about: []string{tokenNamed(&t, p.now())}, question: "End this token, for good?", refused: "Nothing was revoked."}
		if err := p.confirm(ctx, ask); err != nil {
			return err
		}
	}
	if err := c.RevokeAccessToken(ctx, t.ID); err != nil {
		return err
	}
	return p.print("The token " + oneLine(t.Name) + " has ended.\n")
}

// tokenNamed names a token to a person, and says when it was last used.
func tokenNamed(t *wire.Token, now time.Time) string {
	used := "never used"
	if t.UsedAt != nil {
		used = "last used " + ago(*t.UsedAt, now)
	}
	return strings.Join([]string{shortID(t.ID), oneLine(t.Name), oneLine(t.Scope), used}, gutter)
}

// findToken finds one of the tokens by the beginning of its id.
func (p *program) findToken(ctx context.Context, id string) (*client.Client, wire.Token, error) {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return nil, wire.Token{}, err
	}
	list, err := c.AccessTokens(ctx)
	if err != nil {
		return nil, wire.Token{}, err
	}
	var found []wire.Token
	for _, t := range list.Tokens {
		if strings.HasPrefix(t.ID, strings.ToLower(id)) {
			found = append(found, t)
		}
	}
	if err := onlyOne(len(found), "token", id, "aichat tokens"); err != nil {
		return nil, wire.Token{}, err
	}
	return c, found[0], nil
}
