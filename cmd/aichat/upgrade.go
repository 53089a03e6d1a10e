package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// upgrade tells which plans there are, and how one comes by another.
func (p *program) upgrade() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "upgrade",
		Short: "Show the plans there are, and how to get another",
		Long: `Show the plan that you have and those that the server offers, side by side; what
another would change for you, by what you have used so far; and how to get it.
On this machine's own server nothing is limited, and nothing needs upgrading.

In a pipe there is one line for each limit of each plan: plan, yes or no for
yours, limit, how much, and the models it is for, with tabs between. Money is
in millionths of a dollar.`,
		Example: "  aichat upgrade\n  aichat upgrade --profile work --json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.orAsJSON(cmd.Context(), asJSON, p.runUpgrade(cmd.Context(), asJSON))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (p *program) runUpgrade(ctx context.Context, asJSON bool) error {
	return p.withClient(ctx, func(c *client.Client) error {
		offers, err := c.Offers(ctx)
		switch {
		case client.CodeOf(err) == wire.NotFound:
			return &failure{status: exitFailed, code: wire.NotFound, cause: err,
				message: "The server is too old to say which plans it offers.", hint: "What is left of yours: aichat usage"}
		case err != nil:
			return err
		case asJSON:
			return p.printJSON(offers)
		case !offers.Metered:
			return p.nothingLimited(c.BaseURL())
		case !p.out.terminal:
			return p.print(offerLines(offers.Plans))
		}
		return p.page(p.people(upgradePage{offers: &offers, server: c.BaseURL(), canvas: p.canvas()}.text()))
	})
}

// nothingLimited says that there is nothing to upgrade. In a pipe it goes beside the
// lines, of which there are none.
func (p *program) nothingLimited(server string) error {
	t, err := p.lenders.target()
	if err != nil {
		return err
	}
	text := "At " + oneLine(server) + " nothing is limited for you: there is nothing to upgrade.\n"
	if t.Local {
		text = "This is your machine's own server: nothing is limited, and nothing needs\nupgrading. What your own keys cost at their providers: aichat usage\n"
	}
	if p.out.terminal {
		return p.print(text)
	}
	_ = write(p.err, text) // that there are no lines says the same
	return nil
}

// offerLines are the plans for programs. A plan's models have a line each, or one
// with a star for all, so that each plan has a line.
func offerLines(plans []wire.Offer) string {
	var b strings.Builder
	for i := range plans {
		o := &plans[i]
		line := func(what, most, only string) {
			b.WriteString(strings.Join([]string{oneLine(o.Name), yesNo(o.Current), oneLine(what), oneLine(most), oneLine(only)}, "\t") + "\n")
		}
		for _, l := range o.Limits {
			line(l.Scope+"."+l.Period+"."+l.Unit, fmt.Sprint(l.Most), l.Only)
		}
		for _, r := range rates(o.Rates) {
			if r.most > 0 {
				line(r.name, fmt.Sprint(r.most), "")
			}
		}
		for _, pattern := range modelsOf(o) {
			line("models", pattern, "")
		}
	}
	return b.String()
}

// modelsOf are a plan's models; a star for all.
func modelsOf(o *wire.Offer) []string {
	if len(o.Models) == 0 {
		return []string{"*"}
	}
	return o.Models
}

// rate is one of a plan's rates; most is 0 where nothing is limited.
type rate struct {
	name, label string
	most        int64
}

func rates(r wire.Rates) []rate {
	return []rate{
		{"requests_per_minute", "questions a minute", r.RequestsPerMinute},
		{"tokens_per_minute", "tokens a minute", r.TokensPerMinute},
		{"streams", "answers at once", r.Streams},
		{"session_streams", "answers at once for each sign-in", r.SessionStreams},
	}
}
