package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
)

func (o *operator) printKeys(cmd *cobra.Command, keys []wire.Key, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), keys)
	}
	if len(keys) == 0 {
		note(cmd, "There are no keys. To add one: aichat-server keys add anthropic")
		return nil
	}
	owners, err := o.ownerNames(cmd, keys)
	if err != nil {
		return err
	}
	return printTable(cmd.OutOrStdout(), keyRows(keys, owners, time.Now()))
}

// ownerNames are the users' names, by their ids and by those of their accounts, where
// keys are anybody's but the server's.
func (o *operator) ownerNames(cmd *cobra.Command, keys []wire.Key) (map[string]string, error) {
	names := map[string]string{}
	for i := range keys {
		if keys[i].Owner == wire.KeyOfServer {
			continue
		}
		all, err := o.users(cmd.Context(), nil)
		for _, u := range all {
			names[u.ID], names[u.Account] = u.Name, u.Name
		}
		return names, err
	}
	return names, nil
}

func keyRows(keys []wire.Key, owners map[string]string, now time.Time) [][]string {
	rows := [][]string{{"ID", "PROVIDER", "KEY", "WEIGHT", "USED", "STATE", "ABOUT"}}
	for i := range keys {
		k := &keys[i]
		used := "never"
		if k.UsedAt != nil {
			used = k.UsedAt.Local().Format(time.DateOnly)
		}
		rows = append(rows, []string{shortID(k.ID), cut(k.Provider, widestTitle), hintText(k.Hint), strconv.Itoa(k.Weight), used,
			keyState(k, now), strings.Join(keyNotes(k, owners), ", ")})
	}
	return rows
}

func hintText(hint string) string {
	if hint == "" {
		return "-"
	}
	return "…" + hint
}

// keyState says whether a key is used, and if not why.
func keyState(k *wire.Key, now time.Time) string {
	switch {
	case !k.Readable && k.Disabled:
		return "disabled, cannot be read"
	case !k.Readable:
		return "cannot be read"
	case k.Disabled:
		return "disabled"
	case k.Trouble == nil:
		return "in use"
	case k.Trouble.Until != nil && k.Trouble.Until.After(now):
		return "resting until " + k.Trouble.Until.Local().Format("15:04")
	}
	return troubleText(k.Trouble.Code)
}

// troubleText is why a key did not serve.
func troubleText(code wire.Code) string {
	switch code {
	case wire.ProviderAuth:
		return "refused"
	case wire.ProviderRateLimited:
		return "was too fast"
	case wire.ProviderQuota:
		return "out of credit"
	}
	return strings.ReplaceAll(string(code), "_", " ")
}

// keyNotes are what there is to say of a key that has no column.
func keyNotes(k *wire.Key, owners map[string]string) []string {
	var notes []string
	add := func(is bool, text string) {
		if is {
			notes = append(notes, text)
		}
	}
	add(k.Label != "", k.Label)
	add(k.Owner == wire.KeyOfUser, "only for "+named(owners, k.OwnerID))
	add(k.Owner == wire.KeyOfAccount, "only for the account of "+named(owners, k.OwnerID))
	add(k.BaseURL != "", "at "+k.BaseURL)
	add(!k.Readable, "sealed by the master key "+k.MasterKey)
	if k.Trouble != nil {
		add(true, troubleText(k.Trouble.Code)+" on "+k.Trouble.At.Local().Format("2006-01-02 at 15:04"))
	}
	return notes
}
