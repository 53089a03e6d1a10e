package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func (p *program) accountDelete() *cobra.Command {
	var yes string
	cmd := &cobra.Command{
		Use:   "delete",
		Short: "Delete your account at the server, for ever",
		Long: `Delete your account at the server, with all its chats, sessions and tokens, for
ever. It offers to write your chats to a file first, and wants your name typed.
What was used stays in the server's ledger, without a name.`,
		Example: "  aichat account delete\n  aichat chats export --all -o chats.json\n  aichat account delete --yes \"Ada Lovelace\"",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.deleteAccount(cmd.Context(), yes) },
	}
	cmd.Flags().StringVar(&yes, "yes", "", "delete without asking, confirmed by your `NAME`")
	return cmd
}

func (p *program) deleteAccount(ctx context.Context, yes string) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	me, err := c.Me(ctx)
	if err != nil {
		return err
	}
	if yes == "" {
		if yes, err = p.confirmDeletion(ctx, me, c.BaseURL()); err != nil {
			return err
		}
	}
	if yes != me.Name {
		return &failure{status: exitFailed, code: codeFailed, message: "Nothing was deleted: that is not the name of the account.",
			hint: "See it: aichat account show"}
	}
	if err := c.DeleteMe(ctx, me.Name); err != nil {
		return err
	}
	return p.forgetDeleted(ctx, c)
}

// forgetDeleted forgets a sign-in of which nothing is left.
func (p *program) forgetDeleted(ctx context.Context, c *client.Client) error {
	at, err := p.signedInAt()
	if err != nil {
		return err
	}
	kept, err := p.lenders.credentials()
	if err != nil {
		return err
	}
	if err := kept.SignOut(context.WithoutCancel(ctx), at.profile); err != nil {
		return err
	}
	return p.print("Your account at " + c.BaseURL() + " is deleted.\n")
}

// confirmDeletion says what will be gone, offers to keep the chats, and asks for
// the name.
func (p *program) confirmDeletion(ctx context.Context, me wire.Me, at string) (typed string, err error) {
	if p.in.kind != inputTerminal || !p.out.terminal {
		return "", usage("Say: aichat account delete --yes NAME", "Deleting an account asks first, and this is no terminal.")
	}
	s := p.screen()
	s.say("This deletes %s at %s: all chats, sessions and tokens. It cannot be taken back.", me.Name, at)
	lines := bufio.NewReader(p.in)
	file := "aichat-export-" + p.now().Format("2006-01-02-150405") + ".json"
	answer, err := p.askLine(ctx, lines, "Write your chats to "+file+" first? [Y/n] ")
	if err != nil {
		return "", err
	}
	if answer = strings.ToLower(answer); answer == "" || strings.HasPrefix(answer, "y") {
		if err := p.runExport(ctx, nil, exportOptions{all: true, out: file}); err != nil {
			return "", err
		}
	}
	return p.askLine(ctx, lines, "Type your name to delete the account: ")
}

// askLine asks and reads one line, without white space around it.
func (p *program) askLine(ctx context.Context, lines *bufio.Reader, question string) (string, error) {
	p.screen().raw(inert(question))
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() { // a terminal cannot be read with a context; it goes with the process
		line, err := lines.ReadString('\n')
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return "", failed(r.err, "The terminal cannot be read.")
		}
		return strings.TrimSpace(r.line), nil
	case <-ctx.Done():
		p.screen().raw("\n")
		return "", context.Cause(ctx)
	}
}
