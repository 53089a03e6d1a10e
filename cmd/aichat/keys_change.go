package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

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
		ask := asking{whether: "to remove a key", about: []string{strings.Join(keyCells(&k), gutter)}, question: "Forget this key, for good?", refused: "Nothing was removed."}
		if err := p.confirm(ctx, ask); err != nil {
			return err
		}
	}
	if err := c.RemoveKey(ctx, of, k.ID); err != nil {
		return err
	}
	return p.print("The key " + shortID(k.ID) + " for " + oneLine(k.Provider) + " is forgotten.\n")
}
