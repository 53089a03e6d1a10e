package main

import (
	"context"
	"strings"
)

// asking is a question that has to be answered with yes before anything is done.
type asking struct {
	whether  string   // "to delete", for scripts, which have to say --yes
	about    []string // lines that name what it is about
	question string
	refused  string // what is said after a no: "Nothing was deleted."
}

// confirm asks a person. It fails where nobody can be asked, and after a no.
func (p *program) confirm(ctx context.Context, a asking) error {
	if p.in.kind != inputTerminal || !p.err.terminal {
		return usage("Add --yes.", "Nobody can be asked whether %s: this is no terminal.", a.whether)
	}
	var text strings.Builder
	for _, line := range a.about {
		text.WriteString("  " + line + "\n")
	}
	if err := write(p.err, text.String()+a.question+" [y/N] "); err != nil {
		return err
	}
	answer, err := p.typed(ctx)
	if err != nil {
		return err
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return &failure{status: exitFailed, code: codeFailed, message: a.refused}
	}
	return nil
}
