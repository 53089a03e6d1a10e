package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/provider"
)

func newModels(s *settings) *cobra.Command {
	list := newModelsList(s)
	cmd := &cobra.Command{
		Use: "models", Short: "See the models: their prices, and by which plans and keys", Args: wrongArgs(cobra.NoArgs), RunE: list.RunE,
		Long: `models shows what the server offers. What is known of models and their prices is
built in; a JSON file of yours, named by the setting catalogue, replaces or adds
to it, and what providers list themselves is added to that, without prices.
Without a subcommand it lists them.`,
	}
	cmd.Flags().AddFlagSet(list.Flags())
	cmd.AddCommand(list, newModelsShow(s), newModelsCheck())
	return cmd
}

// allModels asks for the models, and says which provider's own list is missing.
func (o *operator) allModels(cmd *cobra.Command) ([]wire.OperatorModel, error) {
	var list wire.OperatorModelList
	err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminModels, nil, nil, &list)
	for _, p := range list.Problems {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", p.Provider, p.Detail) // the list is what was asked for
	}
	return list.Models, err
}

func newModelsList(s *settings) *cobra.Command {
	var asJSON, all bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the models, their prices, and who may use them", Args: wrongArgs(cobra.NoArgs),
		Example: `  aichat-server models list
  aichat-server models list --all`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				models, err := o.allModels(cmd)
				if err != nil {
					return err
				}
				if !all {
					models = slices.DeleteFunc(models, func(m wire.OperatorModel) bool { return !m.Usable })
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), models)
				}
				plans, err := o.allPlans(cmd)
				if err != nil {
					return err
				}
				return printTable(cmd.OutOrStdout(), modelRows(models, len(plans)))
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	cmd.Flags().BoolVar(&all, "all", false, "also those that there is no key for")
	return cmd
}

func modelRows(models []wire.OperatorModel, plans int) [][]string {
	rows := [][]string{{"MODEL", "CONTEXT", "IN $/M", "OUT $/M", "KEYS", "ABOUT"}}
	for i := range models {
		m := &models[i]
		in, out := "?", "?"
		if len(m.Prices) > 0 {
			in, out = dollars(m.Prices[0].Input), dollars(m.Prices[0].Output)
		}
		rows = append(rows, []string{m.ID, shortTokens(m.Context), in, out, keyCount(m), strings.Join(modelNotes(m, plans), ", ")})
	}
	return rows
}

// keyCount is how many of the server's keys there are for a model.
func keyCount(m *wire.OperatorModel) string {
	enabled := 0
	for _, k := range m.Keys {
		if !k.Disabled {
			enabled++
		}
	}
	switch {
	case enabled < len(m.Keys):
		return fmt.Sprintf("%d of %d", enabled, len(m.Keys))
	case enabled == 0 && m.Usable:
		return "-" // it needs none
	case enabled == 0:
		return "none"
	}
	return strconv.Itoa(enabled)
}

// modelNotes say what a row of the list has no column for: which of so many plans
// have the model where not all do, and what else is out of the common.
func modelNotes(m *wire.OperatorModel, plans int) []string {
	var notes []string
	note := func(is bool, text string) {
		if is {
			notes = append(notes, text)
		}
	}
	note(m.Default, "default")
	note(len(m.Prices) > 1, "more prices")
	note(m.Origin != wire.OriginBuiltIn, "from "+originText(m.Origin))
	note(len(m.Plans) == 0, "in no plan")
	note(len(m.Plans) > 0 && len(m.Plans) < plans, "only in "+strings.Join(m.Plans, ", "))
	return notes
}

func newModelsShow(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show MODEL", Short: "Show a model with all its prices", Args: wrongArgs(cobra.ExactArgs(1)),
		Example: "  aichat-server models show anthropic/claude-opus-5",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOperator(cmd, func(o *operator) error {
				all, err := o.allModels(cmd)
				if err != nil {
					return err
				}
				m, err := findModel(all, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), m)
				}
				return printModel(cmd.OutOrStdout(), m)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the model as JSON")
	return cmd
}

// findModel finds a model by its id, or by its name where one provider has it.
func findModel(all []wire.OperatorModel, name string) (*wire.OperatorModel, error) {
	var found []*wire.OperatorModel
	for i := range all {
		_, short, _ := strings.Cut(all[i].ID, "/")
		switch name {
		case all[i].ID:
			return &all[i], nil
		case short:
			found = append(found, &all[i])
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no model %q; see: aichat-server models list --all", name)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("several providers have %s; say %s or %s", name, found[0].ID, found[1].ID)
}

func printModel(w io.Writer, m *wire.OperatorModel) error {
	rows := [][]string{{"model", m.ID}, {"title", orDash(m.Title)}, {"known from", originText(m.Origin)},
		{"context", tokenCount(m.Context)}, {"output", tokenCount(m.Output)}, {"can", orDash(strings.Join(abilities(m), ", "))},
		{"usable", yesNo(m.Usable)}, {"default", yesNo(m.Default)}, {"plans", orDash(strings.Join(m.Plans, ", "))}}
	for _, k := range m.Keys {
		text := shortID(k.ID)
		if k.BaseURL != "" {
			text += " at " + k.BaseURL
		}
		if k.Disabled {
			text += ", disabled"
		}
		rows = append(rows, []string{"key", text})
	}
	if err := printTable(w, rows); err != nil {
		return err
	}
	if len(m.Prices) == 0 {
		_, err := fmt.Fprintln(w, "\nIts price is not known: calls of it are counted in tokens, and cost nothing.\nGive it one in a file; see the setting catalogue.")
		return err
	}
	if _, err := fmt.Fprintln(w, "\nDollars per million tokens:"); err != nil {
		return err
	}
	return printTable(w, priceRows(m.Prices))
}

func priceRows(prices []wire.PriceStep) [][]string {
	rows := [][]string{{"FROM", "PROMPT", "INPUT", "CACHED", "CACHE WRITE", "FOR AN HOUR", "OUTPUT"}}
	for _, p := range prices {
		prompt, long := "any", "-"
		if p.Above > 0 {
			prompt = "above " + strconv.FormatInt(p.Above, 10)
		}
		if p.CachedWriteLong > 0 {
			long = dollars(p.CachedWriteLong)
		}
		rows = append(rows, []string{orDash(p.From), prompt, dollars(p.Input), dollars(p.CachedRead), dollars(p.CachedWrite), long, dollars(p.Output)})
	}
	return rows
}

func originText(origin string) string {
	switch origin {
	case wire.OriginFile:
		return "your file of models"
	case wire.OriginLive:
		return "its provider's list"
	}
	return "the built-in list"
}

func abilities(m *wire.OperatorModel) (all []string) {
	for _, a := range []struct {
		has  bool
		name string
	}{{m.Reasoning, "reason"}, {m.Images, "see images"}, {m.Tools, "call tools"}, {m.Small, "write titles, as the small one"}} {
		if a.has {
			all = append(all, a.name)
		}
	}
	return all
}

func newModelsCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check FILE", Short: "Say whether a file of models is right, and where it is not", Args: wrongArgs(cobra.ExactArgs(1)),
		Long: `check reads a file of models and prices, as the setting catalogue names one, and
says what is wrong with it first. A server reads its file when it starts. Where
there is a mistake the exit status is 1.`,
		Example: "  aichat-server models check models.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err == nil {
				_, err = provider.LoadCatalogue(raw)
			}
			return printCheck(cmd, args[0], "a server can be started with it", err, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func tokenCount(n int64) string {
	if n <= 0 {
		return "?"
	}
	return strconv.FormatInt(n, 10)
}

// shortTokens is a number of tokens in at most five characters.
func shortTokens(n int64) string {
	if n <= 0 {
		return "?"
	}
	return shortNumber(n)
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// dollars are micro-dollars, as short as they are exact.
func dollars(micro int64) string {
	text := fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
