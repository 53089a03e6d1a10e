package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// sessions lists and ends the programs that are signed in.
func (p *program) sessions() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "List the programs that are signed in as you, and sign them out",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat sessions --help", "There is no command %q under sessions.", oneLine(args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listSessions(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	cmd.AddCommand(p.sessionsList(), p.sessionsRevoke())
	return cmd
}

func (p *program) sessionsList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List them, last seen first",
		Long: `List the programs that are signed in as you, last seen first.

In a pipe there is one a line: id, yes for this one, device, version, address,
last seen and first seen, with tabs between.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listSessions(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (p *program) listSessions(ctx context.Context, asJSON bool) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	list, err := c.Sessions(ctx)
	if err != nil {
		return err
	}
	switch {
	case asJSON:
		return p.printJSON(list)
	case !p.out.terminal:
		return p.print(sessionLines(list.Sessions))
	}
	return p.page(p.sessionTable(list.Sessions))
}

func sessionLines(all []wire.Session) string {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(strings.Join([]string{
			oneLine(s.ID), yesNo(s.Current), oneLine(s.Device), oneLine(s.Version), oneLine(s.Address),
			s.SeenAt.UTC().Format(time.RFC3339), s.CreatedAt.UTC().Format(time.RFC3339),
		}, "\t") + "\n")
	}
	return b.String()
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (p *program) sessionTable(all []wire.Session) string {
	t := table{head: []string{"ID", "LAST SEEN", "FROM", "DEVICE"}, typed: []bool{true}, last: true}
	for _, s := range all {
		device := oneLine(s.Device)
		if s.Current {
			device += " (this one)"
		}
		t.rows = append(t.rows, []string{shortID(s.ID), ago(s.SeenAt, p.now()), oneLine(s.Address), device})
	}
	return t.render(p.out.width(), p.style)
}

func (p *program) sessionsRevoke() *cobra.Command {
	var others, all bool
	cmd := &cobra.Command{
		Use:   "revoke [ID]",
		Short: "Sign a program out, and cut off what it is reading",
		Long: `Sign a program out: the one of that ID, all but this one, or all. What it
is reading is cut off at once. An answer on its way is finished by the server
all the same, and kept. With --others and --all browsers are signed out too.`,
		Example: "  aichat sessions revoke 0193a7c2\n  aichat sessions revoke --others",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.revokeSessions(cmd.Context(), strings.Join(args, ""), others, all)
		},
	}
	cmd.Flags().BoolVar(&others, "others", false, "all but this one")
	cmd.Flags().BoolVar(&all, "all", false, "all, and this one too")
	return cmd
}

func (p *program) revokeSessions(ctx context.Context, id string, others, all bool) error {
	if (id != "") == (others || all) || others && all {
		return usage("Type an ID, --others or --all. See: aichat sessions", "Which sessions?")
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	switch {
	case all:
		return p.runLogout(ctx, true)
	case others:
		if err := c.RevokeSessions(ctx, false); err != nil {
			return err
		}
		return p.print("All your other sessions have ended.\n")
	}
	s, err := findSession(ctx, c, id)
	if err != nil {
		return err
	}
	if s.Current {
		return p.runLogout(ctx, false)
	}
	if err := c.RevokeSession(ctx, s.ID); err != nil {
		return err
	}
	return p.print("The session on " + oneLine(s.Device) + " has ended.\n")
}

// findSession finds a session by the beginning of its id.
func findSession(ctx context.Context, c *client.Client, id string) (wire.Session, error) {
	list, err := c.Sessions(ctx)
	if err != nil {
		return wire.Session{}, err
	}
	var found []wire.Session
	for _, s := range list.Sessions {
		if s.ID == id {
			return s, nil
		}
		if strings.HasPrefix(s.ID, id) {
			found = append(found, s)
		}
	}
	if err := onlyOne(len(found), "session", id, "aichat sessions"); err != nil {
		return wire.Session{}, err
	}
	return found[0], nil
}

// onlyOne refuses the beginning of an id that nothing, or more than one thing,
// has.
func onlyOne(n int, what, id, list string) error {
	switch n {
	case 0:
		return &failure{status: exitFailed, code: wire.NotFound, message: "There is no " + what + " whose id begins with " + quoteWords(oneLine(id)) + ".", hint: "See: " + list}
	case 1:
		return nil
	}
	return usage("Type more of it. See: "+list, "Several begin with %q.", oneLine(id))
}
