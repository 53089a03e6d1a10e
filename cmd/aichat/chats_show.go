package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

type showOptions struct{ raw, json bool }

func (p *program) chatsShow() *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a chat as it stands",
		Long: `Show a chat: the branch that is its newest.

On a terminal it is rendered, and shown through the pager if it is long. In a
pipe, or with --raw, it is Markdown with a heading for each message.`,
		Example:           "  aichat chats show 0193a7c2\n  aichat chats show 0193a7c2 --json | jq -r '.messages[-1].parts[].text'",
		Args:              exactly(1, "the id of one chat; its beginning is enough"),
		ValidArgsFunction: p.chatArguments(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return p.runShow(cmd.Context(), args[0], o) },
	}
	cmd.Flags().BoolVar(&o.raw, "raw", false, "the Markdown source, also on a terminal")
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON object")
	return cmd
}

// chatJSON is a chat in JSON: the conversation, and the messages of its newest
// branch.
type chatJSON struct {
	wire.Conversation
	Messages []wire.Message `json:"messages"`
}

func (p *program) runShow(ctx context.Context, id string, o showOptions) error {
	return p.withChat(ctx, id, func(c *client.Client, chat wire.Conversation) error {
		messages, err := branch(ctx, c, chat.ID, "")
		if err != nil {
			return err
		}
		switch {
		case o.json:
			return p.printJSON(chatJSON{chat, messages})
		case !p.out.terminal:
			return p.print(transcript(chat, messages))
		case o.raw || p.style.dumb:
			return p.page(inert(transcript(chat, messages)))
		default:
			width := min(p.out.width(), 100)
			return p.page(p.drawn(p.renderer(width).Render(transcript(chat, messages))))
		}
	})
}

// branch is all messages of a branch, oldest first; an empty leaf is the
// conversation's.
func branch(ctx context.Context, c *client.Client, chat, leaf string) ([]wire.Message, error) {
	messages := []wire.Message{}
	for m, err := range c.AllMessages(ctx, chat, leaf) {
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	return messages, nil
}

// transcript is a chat as one Markdown document. The messages' own text is as
// it is, byte for byte.
func transcript(chat wire.Conversation, messages []wire.Message) string {
	var b strings.Builder
	title := oneLine(chat.Title)
	if title == "" {
		title = "(untitled)"
	}
	b.WriteString("# " + title + "\n")
	if chat.System != "" {
		b.WriteString("\n## System\n\n" + closed(chat.System))
	}
	for _, m := range messages {
		b.WriteString("\n## " + speaker(m) + "\n\n" + closed(textOf(m)))
		if note := ending(m); note != "" {
			b.WriteString("\n*(" + note + ")*\n")
		}
	}
	return b.String()
}

func speaker(m wire.Message) string {
	switch {
	case m.Role == wire.RoleUser:
		return "You"
	case m.Model != "":
		return oneLine(m.Model)
	default:
		return "Assistant"
	}
}

// textOf is a message's text, without reasoning and calls of tools.
func textOf(m wire.Message) string {
	var b strings.Builder
	for _, part := range m.Parts {
		if part.Type == wire.PartText {
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

// ending says how an answer ended, where that is worth saying.
func ending(m wire.Message) string {
	switch m.State {
	case wire.StateCancelled:
		return "cancelled"
	case wire.StateInterrupted:
		return "interrupted"
	case wire.StateFailed:
		if m.ErrorText != "" {
			return "failed: " + oneLine(m.ErrorText)
		}
		return "failed"
	}
	switch m.Finish {
	case wire.FinishLength:
		return "cut at its length limit"
	case wire.FinishRefusal, wire.FinishFilter:
		return m.Finish
	default:
		return ""
	}
}

// closed ends a text with a newline, unless it is empty.
func closed(text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}
