package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func (p *program) keysTest(account *bool) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test ID",
		Short: "Try a key: ask its provider which models it offers",
		Long: `Try a key, disabled or not: its provider is asked which models it offers, which
costs nothing. Exit status 7 says that it does not work.`,
		Example: "  aichat keys test 0193a7c2",
		Args:    oneWord("See: aichat keys", "Which key? Type its id."),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.testKey(cmd.Context(), keysOf(*account), args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (p *program) testKey(ctx context.Context, of client.KeyOwner, id string, asJSON bool) error {
	c, k, err := p.findKey(ctx, of, id)
	if err != nil {
		return err
	}
	t, err := c.TestKey(ctx, of, k.ID)
	if err != nil {
		return err
	}
	if asJSON {
		err = p.printJSON(t)
	} else if t.Works {
		err = p.print(keyTestText(t))
	}
	if err != nil || t.Works {
		return err
	}
	f := &failure{status: exitProvider, code: t.Code, message: oneLine(t.Detail)}
	if asJSON {
		f.message = "" // it has been said
	}
	return f
}

func keyTestText(t wire.KeyTest) string {
	var b strings.Builder
	b.WriteString(inert(t.Detail) + "\n")
	for _, m := range t.Models {
		b.WriteString("  " + oneLine(m) + "\n")
	}
	return b.String()
}
