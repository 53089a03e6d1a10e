package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

type searchOptions struct {
	limit int
	chat  string
	json  bool
}

func (p *program) chatsSearch() *cobra.Command {
	var o searchOptions
	cmd := &cobra.Command{
		Use:   "search QUERY…",
		Short: "Search all messages, newest first",
		Long: `Search all messages, newest first.

Every term must be in the message: a word, "two words" next to each other, or a
beginning* of a word. See: aichat help query.

In a pipe there is one message a line: chat id, message id, time, role, title
and the piece that was found, with tabs between.`,
		Example: "  aichat chats search sqlite wal\n  aichat chats search '\"context deadline\" time*'",
		Args:    atLeastOne("something to search for"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runSearch(cmd.Context(), strings.Join(args, " "), o)
		},
	}
	f := cmd.Flags()
	f.IntVarP(&o.limit, "limit", "l", 20, "at most `N`; 0: all")
	f.StringVar(&o.chat, "chat", "", "only in the chat of this `ID`")
	f.BoolVar(&o.json, "json", false, "print a JSON array")
	p.completeChatFlag(cmd)
	return cmd
}

func (p *program) runSearch(ctx context.Context, text string, o searchOptions) error {
	if o.limit < 0 {
		return usage("Use --limit 0 for all.", "--limit must not be negative.")
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	query := client.SearchQuery{Text: text, Limit: min(o.limit, 100)}
	if o.chat != "" {
		if query.Conversation, err = p.chatID(ctx, c, o.chat); err != nil {
			return err
		}
	}
	hits, err := searchAll(ctx, c, query, o.limit)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		return p.printJSON(hits)
	case !p.out.terminal:
		return p.print(hitLines(hits))
	case len(hits) == 0:
		return p.print("Nothing found. How to search: aichat help query\n")
	default:
		return p.page(hitPage(hits, p.now(), p.style))
	}
}

// searchAll follows the pages up to a limit; 0 is all.
func searchAll(ctx context.Context, c *client.Client, query client.SearchQuery, limit int) ([]wire.Hit, error) {
	hits := []wire.Hit{}
	for {
		page, err := c.Search(ctx, query)
		if err != nil {
			return nil, err
		}
		hits = append(hits, page.Hits...)
		if limit > 0 && len(hits) >= limit {
			return hits[:limit], nil
		}
		if page.Next == "" {
			return hits, nil
		}
		query.Cursor = page.Next
	}
}

// hitLines is what was found, for programs.
func hitLines(hits []wire.Hit) string {
	var b strings.Builder
	for _, h := range hits {
		b.WriteString(strings.Join([]string{
			oneLine(h.Conversation), oneLine(h.Message), h.CreatedAt.UTC().Format(time.RFC3339),
			oneLine(h.Role), oneLine(h.Title), oneLine(h.Snippet),
		}, "\t") + "\n")
	}
	return b.String()
}

// hitPage is what was found, for people: the matches stand out.
func hitPage(hits []wire.Hit, now time.Time, s style) string {
	var b strings.Builder
	for i, h := range hits {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.bold(oneLine(h.Title)) + "\n")
		b.WriteString(s.dim(shortID(h.Conversation)+"  "+oneLine(h.Role)+", "+ago(h.CreatedAt, now)) + "\n")
		b.WriteString("  " + marked(h.Snippet, h.Marks, s) + "\n")
	}
	return b.String()
}

// marked shows the byte ranges of a snippet that matched. Ranges that are none
// are left out: they come from elsewhere.
func marked(snippet string, marks [][2]int, s style) string {
	var b strings.Builder
	at := 0
	for _, m := range marks {
		if m[0] < at || m[1] <= m[0] || m[1] > len(snippet) {
			continue
		}
		b.WriteString(snippetText(snippet[at:m[0]]))
		b.WriteString(s.mark(snippetText(snippet[m[0]:m[1]])))
		at = m[1]
	}
	b.WriteString(snippetText(snippet[at:]))
	return b.String()
}

// snippetText keeps the spaces at its ends, where a match begins or ends.
func snippetText(s string) string { return strings.ReplaceAll(inert(s), "\n", " ") }
