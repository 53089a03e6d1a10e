package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func (p *program) chatsRename() *cobra.Command {
	return &cobra.Command{
		Use:               "rename ID TITLE…",
		Short:             "Give a chat another title",
		Example:           "  aichat chats rename 0193a7c2 the WAL question",
		ValidArgsFunction: p.chatArguments(1),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 || strings.TrimSpace(strings.Join(args[1:], " ")) == "" {
				return usage("Usage: "+cmd.UseLine(), "%s needs the id of a chat and a title.", cmd.CommandPath())
			}
			return checkText("The title", []byte(strings.Join(args[1:], " ")))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			title := strings.TrimSpace(strings.Join(args[1:], " "))
			return p.withChat(cmd.Context(), args[0], func(c *client.Client, chat wire.Conversation) error {
				_, err := c.ChangeConversation(cmd.Context(), chat.ID, wire.ConversationChange{Title: &title})
				return err
			})
		},
	}
}

func (p *program) chatsDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:               "delete ID…",
		Aliases:           []string{"rm"},
		Short:             "Delete chats; restore takes it back",
		Example:           "  aichat chats delete 0193a7c2 0193a7c5\n  aichat chats list --origin ask --limit 0 | cut -f1 |\n    xargs aichat chats delete --yes",
		Args:              atLeastOne("the ids of the chats"),
		ValidArgsFunction: p.chatArguments(-1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runDelete(cmd.Context(), args, yes)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// runDelete finds all chats before it deletes any: a wrong id deletes nothing.
func (p *program) runDelete(ctx context.Context, ids []string, yes bool) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	chats := make([]wire.Conversation, 0, len(ids))
	for _, id := range ids {
		chat, err := c.ConversationByPrefix(ctx, id)
		if err != nil {
			return err
		}
		chats = append(chats, chat)
	}
	if !yes {
		if err := p.confirmDelete(ctx, chats); err != nil {
			return err
		}
	}
	for _, chat := range chats {
		if err := c.DeleteConversation(ctx, chat.ID); err != nil {
			return err
		}
	}
	return p.hintRestore(chats)
}

func (p *program) confirmDelete(ctx context.Context, chats []wire.Conversation) error {
	about := make([]string, len(chats))
	for i, chat := range chats {
		about[i] = shortID(chat.ID) + gutter + oneLine(chat.Title)
	}
	return p.confirm(ctx, asking{whether: "to delete", about: about, question: "Delete " + count(len(chats), "chat") + "?", refused: "Nothing was deleted."})
}

// typed reads a line that a person types. It returns when the context ends.
func (p *program) typed(ctx context.Context) (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(p.in).ReadString('\n')
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		if r.err != nil && r.line == "" {
			return "", nil // ctrl+d is no
		}
		return strings.TrimSpace(r.line), nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (p *program) hintRestore(chats []wire.Conversation) error {
	if !p.err.terminal {
		return nil
	}
	ids := make([]string, len(chats))
	for i, chat := range chats {
		ids[i] = chat.ID
	}
	return write(p.err, fmt.Sprintf("Deleted %s. To take it back: aichat chats restore %s\n",
		count(len(chats), "chat"), oneLine(strings.Join(ids, " "))))
}

func (p *program) chatsRestore() *cobra.Command {
	return &cobra.Command{
		Use:     "restore ID…",
		Short:   "Bring deleted chats back, for as long as they are kept",
		Example: "  aichat chats restore 0193a7c2-4f1b-7c3e-9d58-0c2c1f6a7b1e",
		Args:    atLeastOne("the whole ids of the deleted chats"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := wholeIDs(args)
			if err != nil {
				return err
			}
			c, err := p.lenders.client(cmd.Context())
			if err != nil {
				return err
			}
			var all error
			for _, id := range ids {
				if _, err := c.RestoreConversation(cmd.Context(), id); err != nil {
					all = errors.Join(all, err)
				}
			}
			return all
		},
	}
}

// wholeIDs refuses the beginnings of ids: no list has deleted chats, so that nobody
// could say which one is meant.
func wholeIDs(args []string) ([]string, error) {
	ids := make([]string, len(args))
	for i, id := range args {
		ids[i] = strings.ToLower(strings.TrimSpace(id))
		if len(ids[i]) != len("0193a7c2-4f1b-7c3e-9d58-0c2c1f6a7b1e") {
			return nil, usage("It is what aichat chats delete said when it deleted the chat.",
				"A deleted chat is restored by its whole id, all 36 characters of it; %q is not one.", oneLine(id))
		}
	}
	return ids, nil
}

type forkOptions struct {
	at    string
	title string
}

func (p *program) chatsFork() *cobra.Command {
	var o forkOptions
	cmd := &cobra.Command{
		Use:   "fork ID",
		Short: "Copy a chat, to go on from there in another way",
		Long: `Copy a chat, or the part of it up to a message, to go on from there in another
way. The new chat's id is printed.`,
		Example:           "  aichat ask --chat $(aichat chats fork 0193a7c2) \"and in Rust?\"",
		Args:              exactly(1, "the id of one chat"),
		ValidArgsFunction: p.chatArguments(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return p.runFork(cmd.Context(), args[0], o) },
	}
	cmd.Flags().StringVar(&o.at, "at", "", "only up to this `MESSAGE`; its id's beginning is enough (default: the newest)")
	cmd.Flags().StringVar(&o.title, "title", "", "the copy's `TITLE`")
	return cmd
}

func (p *program) runFork(ctx context.Context, id string, o forkOptions) error {
	if err := checkText("--title", []byte(o.title)); err != nil {
		return err
	}
	return p.withChat(ctx, id, func(c *client.Client, chat wire.Conversation) error {
		at, err := messageByPrefix(ctx, c, chat, o.at)
		if err != nil {
			return err
		}
		fork, err := c.Fork(ctx, chat.ID, wire.Fork{ID: newID(), At: at})
		if err != nil {
			return err
		}
		if title := strings.TrimSpace(o.title); title != "" {
			if _, err := c.ChangeConversation(ctx, fork.ID, wire.ConversationChange{Title: &title}); err != nil {
				return err
			}
		}
		return p.print(oneLine(fork.ID) + "\n")
	})
}

// messageByPrefix is the message of a chat's newest branch whose id begins so;
// an empty prefix is the newest.
func messageByPrefix(ctx context.Context, c *client.Client, chat wire.Conversation, prefix string) (string, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	switch {
	case prefix == "" && chat.Leaf == "":
		return "", usage("", "The chat is empty: there is nothing to copy.")
	case prefix == "":
		return chat.Leaf, nil
	case len(prefix) == len(chat.ID):
		return prefix, nil
	}
	messages, err := branch(ctx, c, chat.ID, "")
	if err != nil {
		return "", err
	}
	found := ""
	for _, m := range messages {
		if !strings.HasPrefix(m.ID, prefix) {
			continue
		}
		if found != "" {
			return "", usage("Type more of the id.", "Several messages begin with %q.", oneLine(prefix))
		}
		found = m.ID
	}
	if found == "" {
		return "", refusalOf(wire.Problem{Code: wire.NotFound,
			Detail: fmt.Sprintf("No message of this chat begins with %q.", oneLine(prefix))})
	}
	return found, nil
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
