package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/wire"
)

// whoami says who is signed in.
func (p *program) whoami() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "whoami",
		Short:   "Say who is signed in, and where",
		Example: "  aichat whoami\n  aichat whoami --profile work --json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := p.runWhoami(cmd.Context(), asJSON)
			if err != nil && asJSON {
				return p.failAsJSON(cmd.Context(), err)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// whoamiJSON is the JSON of whoami.
type whoamiJSON struct {
	Profile string  `json:"profile"`
	Server  string  `json:"server"`
	By      string  `json:"by"` // owner, session, token
	Kept    string  `json:"kept,omitempty"`
	Me      wire.Me `json:"me"`
}

func (p *program) runWhoami(ctx context.Context, asJSON bool) error {
	t, err := p.lenders.target()
	if err != nil {
		return err
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	me, err := c.Me(ctx)
	if err != nil {
		return err
	}
	w := whoamiJSON{Profile: t.Profile, Server: c.BaseURL(), By: p.signedBy(t), Me: me}
	if at, err := p.signedInAt(); err == nil && w.By == "session" {
		w.Profile, w.Kept = at.profile, string(p.keptIn(at))
	}
	if asJSON {
		return p.printJSON(w)
	}
	return p.print(inert(whoamiText(w)))
}

// signedBy says what signs the requests.
func (p *program) signedBy(t config.Target) string {
	switch {
	case t.Local:
		return "owner"
	case !t.Token.Empty():
		return "token"
	default:
		return "session"
	}
}

func whoamiText(w whoamiJSON) string {
	if w.By == "owner" {
		return "You are the owner of this machine's own server. No sign-in is needed.\n"
	}
	var b strings.Builder
	b.WriteString(oneLine(w.Me.Name))
	if w.Me.Email != "" {
		b.WriteString(" <" + oneLine(w.Me.Email) + ">")
	}
	b.WriteString(" at " + w.Server + "\n")
	if w.By == "token" {
		b.WriteString("by the token in AICHAT_TOKEN or config.toml\n")
	} else {
		b.WriteString("by the sign-in of the profile " + oneLine(w.Profile) + ", kept in the " + w.Kept + "\n")
	}
	if w.Me.Scope != "" {
		b.WriteString("which allows: " + oneLine(w.Me.Scope) + "\n")
	}
	if w.Me.ServerAdmin {
		b.WriteString("who administers the server\n")
	}
	return b.String()
}
