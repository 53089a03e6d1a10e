package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

type listOptions struct {
	all    bool
	origin string
	limit  int
	json   bool
}

func (p *program) chatsList() *cobra.Command {
	o := listOptions{}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the chats, most recently used first",
		Long: `List the chats, most recently used first.

In a pipe there is one chat a line: id, time of the last change, origin, model
and title, with tabs between.`,
		Example: "  aichat chats list\n  aichat chats list --all --limit 0 | cut -f1,5",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.runList(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.BoolVarP(&o.all, "all", "a", false, "also those that ask began and nobody opened")
	f.StringVar(&o.origin, "origin", "", "only those that this `WAY` began: chat or ask")
	f.IntVarP(&o.limit, "limit", "l", 30, "at most `N`; 0: all")
	f.BoolVar(&o.json, "json", false, "print a JSON array")
	return cmd
}

func (p *program) runList(ctx context.Context, o listOptions) error {
	switch {
	case o.origin != "" && o.origin != wire.OriginChat && o.origin != wire.OriginAsk:
		return usage("Use --origin chat, or --origin ask.", "There is no origin %q.", oneLine(o.origin))
	case o.limit < 0:
		return usage("Use --limit 0 for all.", "--limit must not be negative.")
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	found, err := listChats(ctx, c, o)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		return p.printJSON(found)
	case !p.out.terminal:
		return p.print(chatLines(found))
	case len(found) == 0:
		return p.print("No chats yet. Begin one: aichat    or: aichat ask \"…\"\n")
	default:
		return p.page(chatTable(found, p.now(), p.out.width(), p.style))
	}
}

// listChats collects at most limit conversations; 0 is all. To ask for an
// origin is to ask for its unlisted ones too.
func listChats(ctx context.Context, c *client.Client, o listOptions) ([]wire.Conversation, error) {
	found := []wire.Conversation{}
	query := client.ListQuery{Limit: min(o.limit, 100), All: o.all || o.origin == wire.OriginAsk, Origin: o.origin}
	for chat, err := range c.AllConversations(ctx, query) {
		if err != nil {
			return nil, err
		}
		if found = append(found, chat); o.limit > 0 && len(found) == o.limit {
			break
		}
	}
	return found, nil
}

// chatLines is the list for programs.
func chatLines(chats []wire.Conversation) string {
	var b strings.Builder
	for _, c := range chats {
		b.WriteString(strings.Join([]string{
			oneLine(c.ID), c.UpdatedAt.UTC().Format(time.RFC3339), oneLine(c.Origin), oneLine(c.Model), oneLine(c.Title),
		}, "\t") + "\n")
	}
	return b.String()
}

// chatTable is the list for people.
func chatTable(chats []wire.Conversation, now time.Time, width int, s style) string {
	t := table{head: []string{"ID", "CHANGED", "MODEL", "TITLE"}, typed: []bool{true, false, true}, last: true}
	for _, c := range chats {
		title := oneLine(c.Title)
		if title == "" {
			title = "(untitled)"
		}
		if c.Running != "" {
			title += " (answering)"
		}
		t.rows = append(t.rows, []string{shortID(c.ID), ago(c.UpdatedAt, now), oneLine(c.Model), title})
	}
	return t.render(width, s)
}
