package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// doctor looks at everything that a working aichat depends on.
func (p *program) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the installation, and say what to do",
		Long: `Check the installation: the programs, the configuration, the folders, the
server, its database, the providers and the terminal; and say what to do where
something is not as it should be. Keys are named, never shown. The status is 1
if a check fails.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runDoctor(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// verdict is how a check came out.
type verdict string

const (
	fine  verdict = "ok"
	worry verdict = "warn" // works, but perhaps not as expected
	bad   verdict = "fail"
)

// finding is what a check found.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	Hint    string  `json:"hint,omitempty"`

	unread []string // the providers of the kept keys that cannot be read, if it is about such
	noKey  bool     // it says that the provider has no key
}

type doctorJSON struct {
	OK     bool      `json:"ok"`
	Checks []finding `json:"checks"`
}

func (p *program) runDoctor(ctx context.Context, asJSON bool) error {
	found := p.examine(ctx)
	healthy := true
	for _, f := range found {
		healthy = healthy && f.Verdict != bad
	}
	var err error
	if asJSON {
		err = p.printJSON(doctorJSON{healthy, found})
	} else {
		err = p.print(report(found, p.style))
	}
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !healthy:
		return said{&failure{status: exitFailed, code: codeFailed}} // the report says it
	default:
		return nil
	}
}

// examine runs all checks, from the ground up.
func (p *program) examine(ctx context.Context) []finding {
	found := p.examineProgram()
	found = append(found, p.examineConfig()...)
	found = append(found, p.examinePlaces()...)
	found = append(found, p.examineServer(ctx)...)
	found = append(found, p.examineKeys())
	return append(found, p.examineTerminal(ctx)...)
}

// report is the findings for people.
func report(found []finding, s style) string {
	var b strings.Builder
	for _, f := range found {
		word := string(f.Verdict) + strings.Repeat(" ", 4-len(f.Verdict))
		switch f.Verdict {
		case fine:
			word = s.good(word)
		case worry:
			word = s.mark(word)
		case bad:
			word = s.bad(word)
		}
		b.WriteString(word + "  " + f.Check + ": " + oneLine(f.Detail) + "\n")
		if f.Hint != "" {
			b.WriteString("      → " + oneLine(f.Hint) + "\n")
		}
	}
	return b.String()
}
