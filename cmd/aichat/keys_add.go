package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

type keyOptions struct {
	baseURL, api, label string
	weight              int
	noTest, json        bool
}

func (p *program) keysAdd(account *bool) *cobra.Command {
	var o keyOptions
	cmd := &cobra.Command{
		Use:   "add PROVIDER",
		Short: "Add a key, typed unseen or read from stdin",
		Long: `Add a key, and try it. PROVIDER is anthropic, openai or gemini, or a name of
your own for an endpoint that speaks like one of them: then --base-url says
where it is. The key is asked for and not shown, or read from stdin; it is no
argument, which others on the machine could see.

A key is kept for the address it was added with: for another one, add it again.
One that its provider refuses is kept all the same, and the exit status is 1.`,
		Example: "  aichat keys add anthropic\n  aichat keys add mistral --base-url https://api.mistral.ai/v1 < key.txt",
		Args:    oneWord("See: aichat keys add --help", "Which provider? Type anthropic, openai or gemini, or a name of your own."),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.orAsJSON(cmd.Context(), o.json, p.addKey(cmd.Context(), keysOf(*account), args[0], o))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.baseURL, "base-url", "", "where the provider's API is, if not at its own address")
	f.StringVar(&o.api, "api", "", "how it speaks: anthropic, openai-responses, openai-chat\nor gemini")
	f.StringVar(&o.label, "label", "", "what to call the key")
	f.IntVar(&o.weight, "weight", 1, "its share beside your other keys for the provider")
	f.BoolVar(&o.noTest, "no-test", false, "do not try it")
	f.BoolVar(&o.json, "json", false, "print a JSON object, and do not try it")
	return cmd
}

func (p *program) addKey(ctx context.Context, of client.KeyOwner, provider string, o keyOptions) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	list, err := c.Keys(ctx, of)
	if err != nil {
		return err
	}
	if list.Closed != "" { // before somebody types a key for nothing
		return &failure{status: exitFailed, code: wire.Forbidden, message: oneLine(list.Closed)}
	}
	key, err := p.readSecret(ctx, "Key for "+oneLine(provider)+": ", "the key")
	if err != nil {
		return err
	}
	k, err := c.AddKey(ctx, of, wire.NewKey{ID: newID(), Provider: provider, API: o.api, BaseURL: o.baseURL, Label: o.label, Weight: &o.weight, Key: key})
	if err != nil {
		return err
	}
	if o.json {
		return p.printJSON(k)
	}
	if err := p.print("Added the key " + shortID(k.ID) + " for " + oneLine(k.Provider) + ".\n"); err != nil || o.noTest {
		return err
	}
	t, err := c.TestKey(ctx, of, k.ID)
	if err != nil {
		return err
	}
	return p.sayTrial(of, &k, t)
}

// sayTrial says what came of trying a key that was just added. That its provider
// refused it is a failure, though it is kept; whatever else went wrong is not the
// key's.
func (p *program) sayTrial(of client.KeyOwner, k *wire.Key, t wire.KeyTest) error {
	named := shortID(k.ID)
	if of == client.AccountKeys {
		named += " --account"
	}
	if t.Code == wire.ProviderAuth {
		return &failure{status: exitFailed, code: t.Code, message: oneLine(t.Detail), hint: "It is kept all the same; remove it with: aichat keys remove " + named}
	}
	told := inert(t.Detail) + "\n"
	if !t.Works {
		told += "It is kept, but could not be tried; try it again with: aichat keys test " + named + "\n"
	}
	_ = write(p.err, told) // the key is kept, whatever its provider says
	return nil
}
