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

// oneWord wants one argument.
func oneWord(hint, question string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 1 && args[0] != "" {
			return nil
		}
		return usage(hint, "%s", question)
	}
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

func (p *program) keysSwitch(account *bool, name string, disabled bool) *cobra.Command {
	short := "Use a key again"
	if disabled {
		short = "Use a key no more; it can be enabled again"
	}
	return &cobra.Command{
		Use: name + " ID", Short: short, Example: "  aichat keys " + name + " 0193a7c2",
		Args: oneWord("See: aichat keys", "Which key? Type its id."),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, of := cmd.Context(), keysOf(*account)
			c, k, err := p.findKey(ctx, of, args[0])
			if err != nil {
				return err
			}
			if k, err = c.ChangeKey(ctx, of, k.ID, wire.KeyChange{Disabled: &disabled}); err != nil {
				return err
			}
			return p.print("The key " + shortID(k.ID) + " for " + oneLine(k.Provider) + " is " + name + "d.\n")
		},
	}
}

func (p *program) keysRemove(account *bool) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:     "remove ID",
		Short:   "Have the server forget a key, for good",
		Example: "  aichat keys remove 0193a7c2",
		Args:    oneWord("See: aichat keys", "Which key? Type its id."),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.removeKey(cmd.Context(), keysOf(*account), args[0], yes)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (p *program) removeKey(ctx context.Context, of client.KeyOwner, id string, yes bool) error {
	c, k, err := p.findKey(ctx, of, id)
	if err != nil {
		return err
	}
	if !yes {
		if err := p.confirmRemoval(ctx, &k); err != nil {
			return err
		}
	}
	if err := c.RemoveKey(ctx, of, k.ID); err != nil {
		return err
	}
	return p.print("The key " + shortID(k.ID) + " for " + oneLine(k.Provider) + " is forgotten.\n")
}

// confirmRemoval asks a person; a script has to say --yes.
func (p *program) confirmRemoval(ctx context.Context, k *wire.Key) error {
	if p.in.kind != inputTerminal || !p.err.terminal {
		return usage("Add --yes.", "Nobody can be asked whether to remove a key: this is no terminal.")
	}
	if err := write(p.err, "  "+strings.Join(keyCells(k), "  ")+"\nForget this key, for good? [y/N] "); err != nil {
		return err
	}
	answer, err := p.typed(ctx)
	if err != nil {
		return err
	}
	if a := strings.ToLower(answer); a != "y" && a != "yes" {
		return &failure{status: exitFailed, code: codeFailed, message: "Nothing was removed."}
	}
	return nil
}

// keyCells name a key to a person: its id, provider, last characters and label,
// those that there are.
func keyCells(k *wire.Key) []string {
	cells := []string{shortID(k.ID), oneLine(k.Provider)}
	if k.Hint != "" {
		cells = append(cells, "…"+oneLine(k.Hint))
	}
	if k.Label != "" {
		cells = append(cells, oneLine(k.Label))
	}
	return cells
}

func keyLines(all []wire.Key) string {
	var b strings.Builder
	for i := range all {
		k := &all[i]
		b.WriteString(strings.Join([]string{
			oneLine(k.ID), oneLine(k.Provider), oneLine(k.BaseURL), oneLine(k.Label), oneLine(k.Hint), strconv.Itoa(k.Weight),
			keyState(k), k.CreatedAt.UTC().Format(time.RFC3339), timeOrNothing(k.UsedAt),
		}, "\t") + "\n")
	}
	return b.String()
}

// keyState says whether a key is used, and if not why.
func keyState(k *wire.Key) string {
	switch {
	case !k.Readable:
		return "unreadable"
	case k.Disabled:
		return "disabled"
	case k.Trouble != nil:
		return oneLine(strings.ReplaceAll(string(k.Trouble.Code), "_", " "))
	}
	return "in use"
}

func (p *program) keyTable(all []wire.Key) string {
	t := table{head: []string{"ID", "PROVIDER", "KEY", "LAST USED", "STATE", "LABEL"}, last: true}
	for i := range all {
		k := &all[i]
		used := "never"
		if k.UsedAt != nil {
			used = ago(*k.UsedAt, p.now())
		}
		hint := ""
		if k.Hint != "" {
			hint = "…" + oneLine(k.Hint)
		}
		t.rows = append(t.rows, []string{shortID(k.ID), oneLine(k.Provider), hint, used, keyState(k), oneLine(k.Label)})
	}
	return t.render(p.out.width(), p.style)
}
