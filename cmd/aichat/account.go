package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
)

// account shows and changes one's profile, and deletes it.
func (p *program) account() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Show, change or delete your account at the server",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat account --help", "There is no command %q under account.", oneLine(args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.showAccount(cmd.Context(), false) },
	}
	cmd.AddCommand(p.accountShow(), p.accountSet(), p.accountDelete())
	return cmd
}

func (p *program) accountShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show your profile, and what you sign in with",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.showAccount(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (p *program) showAccount(ctx context.Context, asJSON bool) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	me, err := c.Me(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(me)
	}
	t := table{head: []string{"", ""}}
	for _, row := range [][2]string{
		{"name", me.Name}, {"email", me.Email}, {"avatar-url", me.AvatarURL}, {"locale", me.Locale},
		{"time-zone", me.TimeZone}, {"default-model", me.DefaultModel}, {"role", me.Role},
	} {
		t.rows = append(t.rows, []string{row[0], cmp.Or(oneLine(row[1]), "-")})
	}
	for _, i := range me.Identities {
		t.rows = append(t.rows, []string{"signs in with", oneLine(cmp.Or(i.Email, i.Subject)) + " (" + oneLine(i.Issuer) + ")"})
	}
	_, rows, _ := strings.Cut(t.render(0, style{}), "\n")
	return p.print(rows)
}

// profileFields are what can be changed, by name.
var profileFields = []struct {
	name string
	set  func(*wire.ProfileChange, *string)
}{
	{"name", func(c *wire.ProfileChange, v *string) { c.Name = v }},
	{"avatar-url", func(c *wire.ProfileChange, v *string) { c.AvatarURL = v }},
	{"locale", func(c *wire.ProfileChange, v *string) { c.Locale = v }},
	{"time-zone", func(c *wire.ProfileChange, v *string) { c.TimeZone = v }},
	{"default-model", func(c *wire.ProfileChange, v *string) { c.DefaultModel = v }},
}

func (p *program) accountSet() *cobra.Command {
	return &cobra.Command{
		Use:     "set KEY VALUE",
		Short:   "Change your name, avatar-url, locale, time-zone or default-model",
		Long:    "Change one thing of your profile: name, avatar-url, locale, time-zone or\ndefault-model. An empty value takes it away.",
		Example: "  aichat account set name \"Ada Lovelace\"\n  aichat account set time-zone Europe/Berlin\n  aichat account set default-model \"\"",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return usage("Type: aichat account set KEY VALUE", "It takes a key and a value.")
		},
		ValidArgs: []string{"name", "avatar-url", "locale", "time-zone", "default-model"},
		RunE:      func(cmd *cobra.Command, args []string) error { return p.setAccount(cmd.Context(), args[0], args[1]) },
	}
}

func (p *program) setAccount(ctx context.Context, key, value string) error {
	var change wire.ProfileChange
	for _, f := range profileFields {
		if f.name == strings.ReplaceAll(key, "_", "-") {
			f.set(&change, &value)
		}
	}
	if change == (wire.ProfileChange{}) {
		return usage("Use name, avatar-url, locale, time-zone or default-model.", "There is no %q to be changed.", oneLine(key))
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	_, err = c.ChangeMe(ctx, change)
	return err
}
