package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/vault"
)

func newKeys(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Keep the providers' keys in the vault, sealed",
		Long: `keys adds, tries, disables and removes providers' keys while the server runs, or
on the database where none does. Keys are sealed by a master key, which the
server has from AICHAT_SERVER_MASTER_KEY_FILE; to begin:

  aichat-server keys master --to /etc/aichat/master.key
  export AICHAT_SERVER_MASTER_KEY_FILE=/etc/aichat/master.key
  (start the server, again if it runs: it reads its settings then)
  aichat-server keys add anthropic

A key is named by its id, or by as much of its beginning as no other has.`,
		Args: wrongArgs(cobra.NoArgs),
		RunE: needsSubcommand,
	}
	cmd.AddCommand(newKeysList(s), newKeysAdd(s), newKeysTest(s), newKeysSwitch(s, "disable", true), newKeysSwitch(s, "enable", false),
		newKeysWeight(s), newKeysRemove(s), newKeysRotate(s), newKeysMaster())
	return cmd
}

// keysOf asks for keys: the server's, a user's with those of the account, or all.
func (o *operator) keysOf(cmd *cobra.Command, user string, all bool) ([]wire.Key, error) {
	query := url.Values{}
	if all {
		query.Set("all", "true")
	}
	if user != "" {
		u, err := o.user(cmd.Context(), user)
		if err != nil {
			return nil, err
		}
		query.Set("user", u.ID)
	}
	var list wire.KeyList
	err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminKeys, query, nil, &list)
	return list.Keys, err
}

// key finds the key that a command names by the beginning of its id.
func (o *operator) key(cmd *cobra.Command, id string) (wire.Key, error) {
	all, err := o.keysOf(cmd, "", true)
	if err != nil {
		return wire.Key{}, err
	}
	return withID(all, func(k *wire.Key) string { return k.ID }, id, "key", "aichat-server keys list --all")
}

func newKeysList(s *settings) *cobra.Command {
	var user string
	var all, asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the server's keys, oldest first; never the keys themselves", Args: wrongArgs(cobra.NoArgs),
		Example: `  aichat-server keys list
  aichat-server keys list --user ada`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if user != "" && all {
				return &usageError{errors.New("--user and --all cannot both be meant")}
			}
			return s.withOperator(cmd, func(o *operator) error {
				keys, err := o.keysOf(cmd, user, all)
				if err != nil {
					return err
				}
				return o.printKeys(cmd, keys, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&user, "user", "", "the keys of this `user` and of the user's account instead")
	cmd.Flags().BoolVar(&all, "all", false, "everybody's keys, not only the server's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

type keyAddition struct {
	baseURL, api, label, user string
	weight                    int
	noTest, json              bool
}

func newKeysAdd(s *settings) *cobra.Command {
	var a keyAddition
	cmd := &cobra.Command{
		Use: "add PROVIDER", Short: "Keep a key, typed without an echo or read from stdin", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `add keeps a key for everybody, or for one user's account, and tries it.

PROVIDER is anthropic, openai or gemini, or a name of your own for an endpoint
that speaks one of their dialects: then --base-url says where it is. The key is
asked for without an echo, or read from stdin; it is never an argument, which
others on the machine could see. For the same provider there may be several. One
that its provider refuses is kept all the same, and the exit status is 1.`,
		Example: `  aichat-server keys add anthropic --label production
  aichat-server keys add mistral --base-url https://api.mistral.ai/v1 < key.txt
  aichat-server keys add openai --user ada@example.com`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if vault.CheckWeight(a.weight) != nil {
				return wrongWeight(strconv.Itoa(a.weight))
			}
			return addKey(cmd, s, args[0], &a)
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.baseURL, "base-url", "", "root of the API; without it the vendor's own address")
	f.StringVar(&a.api, "api", "", "dialect: anthropic, openai-responses, openai-chat or gemini")
	f.StringVar(&a.label, "label", "", "what to call the key")
	f.StringVar(&a.user, "user", "", "for the account of this `user` only: what is asked with it is not charged there")
	f.IntVar(&a.weight, "weight", 1, "share of the calls among the keys for a provider; 0: only where no other is left")
	f.BoolVar(&a.noTest, "no-test", false, "do not try the key at the provider")
	f.BoolVar(&a.json, "json", false, "print the key's data as JSON, and do not try it")
	return cmd
}

func addKey(cmd *cobra.Command, s *settings, provider string, a *keyAddition) error {
	return s.withFounder(cmd, func(o *operator) error {
		k, err := o.addKey(cmd, provider, a)
		if err != nil {
			return err
		}
		if a.json {
			return printJSON(cmd.OutOrStdout(), k)
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "added %s for %s\n", shortID(k.ID), k.Provider); err != nil || a.noTest {
			return err
		}
		t, err := o.tryKey(cmd, k.ID)
		if err != nil {
			return err
		}
		return noteTrial(cmd, shortID(k.ID), t)
	})
}

// addKey asks for a key and has it kept.
func (o *operator) addKey(cmd *cobra.Command, provider string, a *keyAddition) (k wire.Key, err error) {
	query := url.Values{}
	if a.user != "" {
		u, err := o.user(cmd.Context(), a.user)
		if err != nil {
			return k, err
		}
		query.Set("user", u.ID)
	}
	var all wire.KeyList
	if err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminKeys, nil, nil, &all); err != nil {
		return k, err
	}
	if all.Closed != "" { // before somebody types a key for nothing
		return k, errors.New(all.Closed)
	}
	text, err := typedSecret(cmd, "Key for "+provider+": ")
	if err != nil {
		return k, err
	}
	if text == "" && a.baseURL == "" { // an endpoint of one's own may want none
		return k, &usageError{fmt.Errorf("no key was typed, and none was on stdin; type it, or: aichat-server keys add %s < FILE", shellWord(provider))}
	}
	asked := wire.NewKey{ID: conversation.NewID(), Provider: provider, API: a.api, BaseURL: a.baseURL, Label: a.label, Weight: &a.weight, Key: text}
	err = o.call(cmd.Context(), http.MethodPost, wire.PathAdminKeys, query, asked, &k)
	return k, err
}

// noteTrial says what came of trying a key that was just added. That its provider
// refused it is an error, though it is kept; whatever else went wrong is not the
// key's.
func noteTrial(cmd *cobra.Command, id string, t wire.KeyTest) error {
	if t.Code == wire.ProviderAuth {
		return fmt.Errorf("%s\nIt is kept all the same; remove it with: aichat-server keys remove %s", t.Detail, id)
	}
	note(cmd, "%s", t.Detail)
	if !t.Works {
		note(cmd, "It is kept, but could not be tried; try it again with: aichat-server keys test %s", id)
	}
	return nil
}

func (o *operator) tryKey(cmd *cobra.Command, id string) (t wire.KeyTest, err error) {
	err = o.call(cmd.Context(), http.MethodPost, wire.KeyPath(wire.PathAdminKeys, id, wire.BelowTest), nil, nil, &t)
	return t, err
}

func newKeysTest(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "test ID", Short: "Ask the provider which models it offers with a key", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `test asks the provider for its models with the key, which costs nothing, and
says what came back. It exits with status 1 where the key does not work.`,
		Example: "  aichat-server keys test 0193a7c2-4f1b",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				k, err := o.key(cmd, args[0])
				if err != nil {
					return err
				}
				t, err := o.tryKey(cmd, k.ID)
				if err != nil {
					return err
				}
				return printTest(cmd, t, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what came back as JSON")
	return cmd
}

func printTest(cmd *cobra.Command, t wire.KeyTest, asJSON bool) error {
	if asJSON {
		if err := printJSON(cmd.OutOrStdout(), t); err != nil {
			return err
		}
	}
	if !t.Works {
		return errors.New(t.Detail)
	}
	if asJSON {
		return nil
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), t.Detail); err != nil {
		return err
	}
	for _, m := range t.Models {
		if err := printTable(cmd.OutOrStdout(), [][]string{{"  " + m}}); err != nil {
			return err
		}
	}
	return nil
}
