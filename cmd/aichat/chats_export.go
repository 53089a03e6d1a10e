package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

type exportOptions struct {
	all    bool
	format string
	out    string
}

const (
	formatMarkdown = "md"
	formatJSON     = "json"
)

func (p *program) chatsExport() *cobra.Command {
	o := exportOptions{}
	cmd := &cobra.Command{
		Use:   "export [ID…]",
		Short: "Write chats as Markdown or JSON",
		Long: `Write chats as Markdown, to be read, or as JSON, to be kept: JSON holds every
branch of a chat, with its ids, models, usage and times.`,
		Example:           "  aichat chats export 0193a7c2 > chat.md\n  aichat chats export --all --format json -o chats.json\n  aichat chats export --all -o backup/",
		ValidArgsFunction: p.chatArguments(-1),
		RunE:              func(cmd *cobra.Command, args []string) error { return p.runExport(cmd.Context(), args, o) },
	}
	f := cmd.Flags()
	f.BoolVarP(&o.all, "all", "a", false, "all chats")
	f.StringVar(&o.format, "format", "", "md or json (default: as the name given with -o ends, else md)")
	f.StringVarP(&o.out, "output", "o", "", "write to this `FILE`, or one file a chat into this directory")
	return cmd
}

func (p *program) runExport(ctx context.Context, ids []string, o exportOptions) error {
	switch {
	case o.all && len(ids) > 0:
		return usage("Leave one of them out.", "--all exports all chats, and ids are given.")
	case !o.all && len(ids) == 0:
		return usage("Name them, or use --all. See: aichat chats list", "Which chats?")
	}
	if o.format == "" {
		o.format = formatMarkdown
		if strings.HasSuffix(strings.ToLower(o.out), ".json") {
			o.format = formatJSON
		}
	}
	if o.format != formatMarkdown && o.format != formatJSON {
		return usage("Use --format md, or --format json.", "There is no format %q.", oneLine(o.format))
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	chats, err := chatsToExport(ctx, c, ids, o)
	if err != nil {
		return err
	}
	return p.writeExport(chats, o)
}

// exported is one chat to be written. Messages are the whole tree for JSON, and
// the newest branch for Markdown.
type exported = chatJSON

func chatsToExport(ctx context.Context, c *client.Client, ids []string, o exportOptions) ([]exported, error) {
	if o.all && o.format == formatJSON {
		return everything(ctx, c)
	}
	chats, err := namedChats(ctx, c, ids, o.all)
	if err != nil {
		return nil, err
	}
	out := make([]exported, 0, len(chats))
	for _, chat := range chats {
		messages, err := branch(ctx, c, chat.ID, "")
		if err != nil {
			return nil, err
		}
		if o.format == formatJSON && branches(messages) {
			return wholeTrees(ctx, c, chats)
		}
		out = append(out, exported{chat, messages})
	}
	return out, nil
}

// namedChats are the chats of the given ids, or all.
func namedChats(ctx context.Context, c *client.Client, ids []string, all bool) ([]wire.Conversation, error) {
	if all {
		return listChats(ctx, c, listOptions{all: true})
	}
	chats := make([]wire.Conversation, 0, len(ids))
	for _, id := range ids {
		chat, err := c.ConversationByPrefix(ctx, id)
		if err != nil {
			return nil, err
		}
		chats = append(chats, chat)
	}
	return chats, nil
}

// branches reports whether a chat has messages beside its newest branch: then
// one of that branch has siblings.
func branches(messages []wire.Message) bool {
	for _, m := range messages {
		if len(m.Siblings) > 1 {
			return true
		}
	}
	return false
}

// wholeTrees are the chats with all their messages.
func wholeTrees(ctx context.Context, c *client.Client, chats []wire.Conversation) ([]exported, error) {
	all, err := everything(ctx, c)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]exported, len(all))
	for _, e := range all {
		byID[e.ID] = e
	}
	out := make([]exported, 0, len(chats))
	for _, chat := range chats {
		out = append(out, exported{chat, byID[chat.ID].Messages})
	}
	return out, nil
}

// everything pulls all that the account has, as a device does that sees it for
// the first time: the one request that tells of every branch.
func everything(ctx context.Context, c *client.Client) ([]exported, error) {
	var (
		order   []string
		chats   = map[string]wire.Conversation{}
		message = map[string][]wire.Message{}
		query   client.SyncQuery
	)
	for {
		page, err := c.Sync(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, chat := range page.Conversations {
			if _, known := chats[chat.ID]; !known {
				order = append(order, chat.ID)
			}
			chats[chat.ID] = chat
		}
		for _, m := range page.Messages {
			message[m.Conversation] = append(message[m.Conversation], m)
		}
		for _, id := range page.Deleted {
			delete(chats, id)
		}
		query.After, query.Epoch = page.Rev, page.Epoch
		if !page.More {
			break
		}
	}
	out := make([]exported, 0, len(chats))
	for _, id := range order {
		if chat, there := chats[id]; there {
			out = append(out, exported{chat, parentsFirst(message[id])})
		}
	}
	return out, nil
}

// parentsFirst orders a tree so that a message comes after its parent, and drops
// the older of two versions of one message. Sync tells changes by revision: a
// message that changed again comes later than its children.
func parentsFirst(messages []wire.Message) []wire.Message {
	byID := make(map[string]wire.Message, len(messages))
	for _, m := range messages {
		byID[m.ID] = m
	}
	out := make([]wire.Message, 0, len(byID))
	done := make(map[string]bool, len(byID))
	var place func(id string)
	place = func(id string) {
		m, there := byID[id]
		if !there || done[id] {
			return
		}
		done[id] = true
		place(m.Parent)
		out = append(out, m)
	}
	for _, m := range messages {
		place(m.ID)
	}
	return out
}

// exportJSON is a JSON export. Fields are only ever added to version 1.
type exportJSON struct {
	Format        string     `json:"format"`
	Version       int        `json:"version"`
	ExportedAt    time.Time  `json:"exported_at"`
	Conversations []exported `json:"conversations"`
}

func (p *program) writeExport(chats []exported, o exportOptions) error {
	if isDirectory(o.out) {
		return p.writeEach(chats, o)
	}
	text, err := p.exportText(chats, o.format)
	if err != nil {
		return err
	}
	if o.out == "" || o.out == "-" {
		if p.out.terminal {
			return p.page(inert(text))
		}
		return p.print(text)
	}
	return writeFile(o.out, text)
}

func (p *program) exportText(chats []exported, format string) (string, error) {
	if format == formatJSON {
		text, err := indented(exportJSON{"aichat-export", 1, p.now().UTC(), chats})
		if err != nil {
			return "", failed(err, "The chats cannot be written as JSON.")
		}
		return text, nil
	}
	texts := make([]string, len(chats))
	for i, e := range chats {
		texts[i] = transcript(e.Conversation, e.Messages)
	}
	return strings.Join(texts, "\n"), nil
}

// isDirectory reports whether -o names a directory: one that is there, or a name
// that ends like one.
func isDirectory(name string) bool {
	if name == "" {
		return false
	}
	if strings.HasSuffix(name, "/") || os.IsPathSeparator(name[len(name)-1]) {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// writeEach writes one file a chat.
func (p *program) writeEach(chats []exported, o exportOptions) error {
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return failed(unwrapPath(err), "%s cannot be made.", oneLine(o.out))
	}
	for _, e := range chats {
		text, err := p.exportText([]exported{e}, o.format)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(o.out, fileName(e.Conversation)+"."+o.format), text); err != nil {
			return err
		}
	}
	if p.err.terminal {
		return write(p.err, fmt.Sprintf("Wrote %s to %s\n", count(len(chats), "chat"), oneLine(o.out)))
	}
	return nil
}

// fileName is a title's letters and digits, and the beginning of the id: what
// any file system takes, and no title of somebody's choosing leads elsewhere.
func fileName(chat wire.Conversation) string {
	var b strings.Builder
	for _, r := range strings.ToLower(chat.Title) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() > 60 {
			break
		}
	}
	id := strings.Map(func(r rune) rune {
		if r == '-' || unicode.Is(unicode.ASCII_Hex_Digit, r) {
			return r
		}
		return -1
	}, chat.ID)
	return strings.Trim(strings.Trim(b.String(), "-")+"-"+id, "-")
}

// writeFile writes a file that only its owner reads, in one step: there is never
// half an export.
func writeFile(name, text string) error {
	temp, err := os.CreateTemp(filepath.Dir(name), ".aichat-export-*")
	if err != nil {
		return failed(unwrapPath(err), "%s cannot be written.", oneLine(name))
	}
	_, err = temp.WriteString(text)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // half an export is of no use
		return failed(unwrapPath(err), "%s cannot be written.", oneLine(name))
	}
	return nil
}
