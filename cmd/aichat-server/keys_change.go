package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/vault"
)

// changeKey changes a key and says how it stands.
func changeKey(cmd *cobra.Command, s *settings, id string, c wire.KeyChange, asJSON bool, did func(*wire.Key) string) error {
	return s.withOperator(cmd, func(o *operator) error {
		k, err := o.key(cmd, id)
		if err != nil {
			return err
		}
		if err := o.call(cmd.Context(), http.MethodPatch, wire.KeyPath(wire.PathAdminKeys, k.ID), nil, c, &k); err != nil {
			return err
		}
		if asJSON {
			return printJSON(cmd.OutOrStdout(), k)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), did(&k))
		return err
	})
}

func newKeysSwitch(s *settings, name string, disabled bool) *cobra.Command {
	var asJSON bool
	short := "Use a key again"
	if disabled {
		short = "Do not use a key any more; it can be enabled again"
	}
	cmd := &cobra.Command{
		Use: name + " ID", Short: short, Args: wrongArgs(cobra.ExactArgs(1)),
		Example: "  aichat-server keys " + name + " 0193a7c2-4f1b",
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeKey(cmd, s, args[0], wire.KeyChange{Disabled: &disabled}, asJSON, func(k *wire.Key) string {
				return name + "d " + shortID(k.ID) + " for " + k.Provider
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the key's data as JSON")
	return cmd
}

func newKeysWeight(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "weight ID NUMBER", Short: "Give a key a greater or smaller share of the calls", Args: wrongArgs(cobra.ExactArgs(2)),
		Long: `weight says how many of a provider's calls a key takes beside the others: one of
weight 2 takes twice as many as one of weight 1. With weight 0 it is used only
where no other is left.`,
		Example: "  aichat-server keys weight 0193a7c2-4f1b 3",
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := strconv.Atoi(args[1])
			if err != nil || vault.CheckWeight(w) != nil {
				return wrongWeight(args[1])
			}
			return changeKey(cmd, s, args[0], wire.KeyChange{Weight: &w}, asJSON, func(k *wire.Key) string {
				return fmt.Sprintf("%s for %s has the weight %d", shortID(k.ID), k.Provider, k.Weight)
			})
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if number := belowZero(err); number != "" {
			return wrongWeight(number)
		}
		return wrongFlag(cmd, err)
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the key's data as JSON")
	return cmd
}

func wrongWeight(typed string) error {
	return &usageError{fmt.Errorf("a weight is a whole number from 0 to %d, not %q", vault.MostWeight, typed)}
}

func newKeysRemove(s *settings) *cobra.Command {
	var yes, asJSON bool
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Forget a key for good", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `remove deletes the sealed key, which cannot be undone. What it was used for
stays in the ledger, under its label.`,
		Example: "  aichat-server keys remove 0193a7c2-4f1b",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				k, err := o.key(cmd, args[0])
				if err != nil {
					return err
				}
				if err := confirmRemoval(cmd, &k, yes); err != nil {
					return err
				}
				if err := o.call(cmd.Context(), http.MethodDelete, wire.KeyPath(wire.PathAdminKeys, k.ID), nil, nil, nil); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), k)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s for %s\n", shortID(k.ID), k.Provider)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the removed key's data as JSON")
	return cmd
}

func confirmRemoval(cmd *cobra.Command, k *wire.Key, yes bool) error {
	if yes {
		return nil
	}
	if !isTerminal(cmd.InOrStdin()) {
		return &usageError{errors.New("removing a key cannot be undone: say --yes")}
	}
	_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "This forgets the key %s for %s, for good. Go on? [y/N] ", hintText(k.Hint), k.Provider) // a question
	typed, err := typedLine(cmd.Context(), cmd.InOrStdin())
	if typed = strings.ToLower(strings.TrimSpace(typed)); err != nil || typed != "y" && typed != "yes" {
		return errors.New("nothing was removed")
	}
	return nil
}

func newKeysRotate(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "rotate", Short: "Seal all keys anew, by the newest master key", Args: wrongArgs(cobra.NoArgs),
		Long: `rotate reads the master keys again and seals by the last one whatever is sealed
by another. Keys are usable all the while, and where it breaks off another
rotate goes on. To change the master key:

  aichat-server keys master --to FILE    adds a new one to the file
  aichat-server keys rotate              seals all keys by it
  then take the old one's line out of the file, and keep a copy of the file

Where several servers share a database, each has the new file before rotate. A
master key in a variable changes with a restart only.`,
		Example: "  aichat-server keys rotate",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				var r wire.KeyRotation
				if err := o.call(cmd.Context(), http.MethodPost, wire.PathAdminRotate, nil, nil, &r); err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), r)
				}
				return printRotation(cmd, &r)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was done as JSON")
	return cmd
}

func printRotation(cmd *cobra.Command, r *wire.KeyRotation) error {
	for i := range r.Unreadable {
		k := &r.Unreadable[i]
		note(cmd, "%s for %s cannot be read: it is sealed by the master key %s, which is not there", shortID(k.ID), k.Provider, k.MasterKey)
	}
	said := fmt.Sprintf("sealed %d keys anew by the master key %s", r.Resealed, r.MasterKey)
	switch r.Resealed {
	case 0:
		said = "nothing to do: what can be read is sealed by the master key " + r.MasterKey
	case 1:
		said = "sealed one key anew by the master key " + r.MasterKey
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), said)
	return err
}
