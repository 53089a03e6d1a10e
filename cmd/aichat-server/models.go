package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

func newModels(s *settings) *cobra.Command {
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models that this server would offer",
		Args:  wrongArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := s.load(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			directory, err := server.NewDirectory(c, server.Options{Environment: environment()})
			if err != nil {
				return err
			}
			offers, problems := directory.Models(cmd.Context(), provider.Caller{})
			for _, p := range problems {
				_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", p.Provider, fault.Of(p.Err).Public()) // the list is what was asked for
			}
			return printModels(cmd, offers, all, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	cmd.Flags().BoolVar(&all, "all", false, "also those that nobody has given a key for")
	return cmd
}

// shownModel is a model as --json prints it.
type shownModel struct {
	ID      string          `json:"id"`
	Title   string          `json:"title,omitempty"`
	Context int64           `json:"context,omitempty"`
	Output  int64           `json:"output,omitempty"`
	Price   *provider.Price `json:"price"`
	Usable  bool            `json:"usable"`
	Default bool            `json:"default"`
}

func printModels(cmd *cobra.Command, offers []provider.Offer, all, asJSON bool) error {
	shown := []shownModel{}
	rows := [][]string{{"MODEL", "CONTEXT", "INPUT $/M", "OUTPUT $/M", ""}}
	for _, o := range offers {
		if !o.Usable && !all {
			continue
		}
		shown = append(shown, shownModel{o.ID(), o.Title, o.Context, o.Output, o.Price, o.Usable, o.Default})
		rows = append(rows, modelRow(o))
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), shown)
	}
	return printTable(cmd.OutOrStdout(), rows)
}

func modelRow(o provider.Offer) []string {
	row := []string{o.ID(), "?", "?", "?", ""}
	if o.Context > 0 {
		row[1] = strconv.FormatInt(o.Context, 10)
	}
	if o.Price != nil {
		row[2], row[3] = dollars(o.Price.Input), dollars(o.Price.Output)
	}
	switch {
	case o.Default:
		row[4] = "default"
	case !o.Usable:
		row[4] = "no key"
	}
	return row
}

func dollars(micro int64) string {
	return strconv.FormatFloat(float64(micro)/1e6, 'f', -1, 64)
}
