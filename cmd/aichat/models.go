package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/wire"
)

type modelsOptions struct{ all, json bool }

// models lists what can be asked.
func (p *program) models() *cobra.Command {
	var o modelsOptions
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models, their prices, and which can be used here",
		Long: `List the models that can be used here, with their context window and prices in
dollars per million tokens; --all lists the others too, and says what they lack.

In a pipe there is one model a line: id, yes or no for usable, context, price of
input and of output, with tabs between; what is unknown is empty.`,
		Example: "  aichat models\n  aichat models --all\n  aichat ask -m anthropic/claude-sonnet-5-5 \"hello\"",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.runModels(cmd.Context(), o) },
	}
	cmd.Flags().BoolVarP(&o.all, "all", "a", false, "also those that cannot be used, and why")
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON object")
	return cmd
}

func (p *program) runModels(ctx context.Context, o modelsOptions) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	list, err := c.Models(ctx)
	if err != nil {
		return err
	}
	hidden := 0
	if !o.all {
		list.Models, hidden = usable(list.Models)
	}
	if o.json {
		return p.printJSON(list)
	}
	if !p.out.terminal {
		if p.err.terminal {
			_ = write(p.err, problemLines(list.Problems)) // the list does not depend on it
		}
		return p.print(modelLines(list.Models))
	}
	target, err := p.lenders.target()
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString(modelTable(list.Models, target.Local, p.out.width(), p.style))
	text.WriteString(p.style.bad(problemLines(list.Problems)))
	if hidden > 0 {
		text.WriteString(p.style.dim(fmt.Sprintf("%s more that cannot be used here: aichat models --all", count(hidden, "model"))) + "\n")
	}
	return p.page(text.String())
}

// problemLines say which providers did not tell what they have.
func problemLines(problems []wire.ModelProblem) string {
	var b strings.Builder
	for _, problem := range problems {
		b.WriteString(oneLine(problem.Provider) + ": " + oneLine(problem.Detail) + "\n")
	}
	return b.String()
}

// usable drops the models that cannot be used, and says how many.
func usable(models []wire.Model) (kept []wire.Model, hidden int) {
	kept = []wire.Model{}
	for _, m := range models {
		if m.Usable {
			kept = append(kept, m)
		} else {
			hidden++
		}
	}
	return kept, hidden
}

func modelLines(models []wire.Model) string {
	var b strings.Builder
	for _, m := range models {
		use := "no"
		if m.Usable {
			use = "yes"
		}
		in, out := "", ""
		if m.Price != nil {
			in, out = perMillion(m.Price.Input), perMillion(m.Price.Output)
		}
		window := ""
		if m.Context > 0 {
			window = fmt.Sprint(m.Context)
		}
		b.WriteString(strings.Join([]string{oneLine(m.ID), use, window, in, out}, "\t") + "\n")
	}
	return b.String()
}

func modelTable(models []wire.Model, local bool, width int, s style) string {
	t := table{
		head:  []string{"MODEL", "CONTEXT", "$ IN", "$ OUT", ""},
		right: []bool{false, true, true, true},
		typed: []bool{true},
		last:  true,
	}
	for _, m := range models {
		in, out := "?", "?"
		if m.Price != nil {
			in, out = perMillion(m.Price.Input), perMillion(m.Price.Output)
		}
		t.rows = append(t.rows, []string{oneLine(m.ID), tokens(m.Context), in, out, remark(m, local)})
	}
	return t.render(width, s)
}

// remark says what is special about a model, or what it lacks: at another machine's
// server a variable of this one helps nobody.
func remark(m wire.Model, local bool) string {
	switch {
	case m.Barred:
		return notInPlan(m.Plans)
	case !m.Usable && !local:
		return "needs a key"
	case !m.Usable:
		return "needs " + keyVariable(m.Provider)
	}
	remarks := steps(m.Prices)
	if m.Default {
		remarks = slices.Insert(remarks, 0, "the default")
	}
	return strings.Join(remarks, "; ")
}

// notInPlan says which plans have a model that the person's has not.
func notInPlan(plans []string) string {
	switch len(plans) {
	case 0:
		return "in no plan"
	case 1:
		return "needs the plan " + oneLine(plans[0])
	default:
		return "needs a plan: " + oneLine(strings.Join(plans, ", "))
	}
}

// steps says where other prices than that of a short prompt today begin.
func steps(prices []wire.PriceStep) (all []string) {
	for _, p := range prices {
		switch {
		case p.Above > 0 && p.From == prices[0].From:
			all = append(all, fmt.Sprintf("%s / %s above %s", perMillion(p.Input), perMillion(p.Output), tokens(p.Above)))
		case p.Above == 0 && p.From != "" && p != prices[0]:
			all = append(all, fmt.Sprintf("%s / %s from %s", perMillion(p.Input), perMillion(p.Output), oneLine(p.From)))
		}
	}
	return all
}

// keyVariable names what has to be set for a provider's models.
func keyVariable(provider string) string {
	switch provider {
	case "anthropic":
		return "ANTHROPIC_API_KEY"
	case "openai":
		return "OPENAI_API_KEY"
	case "gemini":
		return "GEMINI_API_KEY"
	case "ollama":
		return "OLLAMA_HOST, or Ollama running here"
	default:
		return "a key for " + cmp.Or(oneLine(provider), "its provider")
	}
}

// perMillion is a price in dollars per million tokens.
func perMillion(micro int64) string {
	text := fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000)
	whole, digits, _ := strings.Cut(text, ".")
	digits = strings.TrimRight(digits, "0")
	for len(digits) < 2 {
		digits += "0"
	}
	return whole + "." + digits
}

// tokens is a number of tokens for a table.
func tokens(n int64) string {
	switch {
	case n <= 0:
		return "?"
	case n >= 1_000_000 && n%100_000 == 0:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0") + "M"
	case n >= 1000:
		return fmt.Sprintf("%dk", n/1000)
	default:
		return fmt.Sprint(n)
	}
}
