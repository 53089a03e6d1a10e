package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// keys has the server keep providers' keys of one's own.
func (p *program) keys() *cobra.Command {
	var asJSON, account bool
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Bring your own keys for the models' providers",
		Long: `Have the server keep keys of your own for the models' providers. They are sealed
there, and never shown again. What is asked with a key of your own you pay its
provider for: it counts against no plan.

Keys of your own are used before the server's. With --account they are for all
members of the account, which only its owners and admins may change. On this
machine's own server you may as well set ANTHROPIC_API_KEY and its like.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat keys --help", "There is no command %q under keys.", oneLine(args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listKeys(cmd.Context(), keysOf(account), asJSON) },
	}
	cmd.PersistentFlags().BoolVar(&account, "account", false, "the account's keys, not your own")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	cmd.AddCommand(p.keysAdd(&account), p.keysList(&account), p.keysTest(&account), p.keysSwitch(&account, "disable", true),
		p.keysSwitch(&account, "enable", false), p.keysRemove(&account))
	return cmd
}

func keysOf(account bool) client.KeyOwner {
	if account {
		return client.AccountKeys
	}
	return client.OwnKeys
}

// oneWord wants one argument.
func oneWord(hint, question string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 1 && args[0] != "" {
			return nil
		}
		return usage(hint, "%s", question)
	}
}

func (p *program) keysList(account *bool) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List your keys, oldest first; never the keys themselves",
		Long: `List your keys, oldest first. Of a key its last characters are shown, no more.

In a pipe there is one a line: id, provider, address, label, last characters,
weight, state, created and last used, with tabs between; what is not is empty.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listKeys(cmd.Context(), keysOf(*account), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (p *program) listKeys(ctx context.Context, of client.KeyOwner, asJSON bool) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	list, err := c.Keys(ctx, of)
	if err != nil {
		return err
	}
	switch {
	case asJSON:
		return p.printJSON(list)
	case !p.out.terminal:
		return p.print(keyLines(list.Keys))
	case len(list.Keys) == 0:
		return p.print("There are none. To add one: aichat keys add anthropic\n")
	}
	return p.page(p.keyTable(list.Keys))
}

// shortestPrefix is how much of an id names a key at least: less is typed by
// mistake.
const shortestPrefix = 4

// findKey finds one of the keys by the beginning of its id.
func (p *program) findKey(ctx context.Context, of client.KeyOwner, id string) (*client.Client, wire.Key, error) {
	if len(id) < shortestPrefix {
		return nil, wire.Key{}, usage("Type more of it. See: aichat keys", "%q is too little of an id: type %d characters at least.", oneLine(id), shortestPrefix)
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return nil, wire.Key{}, err
	}
	list, err := c.Keys(ctx, of)
	if err != nil {
		return nil, wire.Key{}, err
	}
	var found []wire.Key
	for _, k := range list.Keys {
		if strings.HasPrefix(k.ID, strings.ToLower(id)) {
			found = append(found, k)
		}
	}
	if err := onlyOne(len(found), "key", id, "aichat keys"); err != nil {
		return nil, wire.Key{}, err
	}
	return c, found[0], nil
}
