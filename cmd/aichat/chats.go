package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// chats groups the commands about conversations.
func (p *program) chats() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "chats",
		Aliases: []string{"chat"},
		Short:   "List, search, show and manage the chats",
		Example: `  aichat chats list
  aichat chats search '"wal mode" sqlite'
  aichat chats show 0193a7c2
  aichat chats export --all -o backup/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("See: aichat chats --help", "There is no command %q under chats.", oneLine(args[0]))
		},
		RunE: func(*cobra.Command, []string) error {
			return usage("To list them: aichat chats list    See: aichat chats --help", "What is to be done with the chats?")
		},
	}
	cmd.AddCommand(
		p.chatsList(), p.chatsSearch(), p.chatsShow(), p.chatsRename(),
		p.chatsDelete(), p.chatsRestore(), p.chatsFork(), p.chatsExport(),
	)
	return cmd
}

// shortID is as much of an id as is shown to people: of a UUIDv7 the time in
// milliseconds, so that two chats of one person hardly ever share it.
func shortID(id string) string {
	const whole = len("0193a7c2-4f1b")
	if len(id) <= whole {
		return oneLine(id)
	}
	return oneLine(id[:whole])
}

// withChat runs a command on the one conversation that an id, or its beginning,
// names.
func (p *program) withChat(
	ctx context.Context, id string, do func(*client.Client, wire.Conversation) error,
) error {
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	chat, err := c.ConversationByPrefix(ctx, id)
	if err != nil {
		return err
	}
	return do(c, chat)
}

// exactly refuses any other number of arguments, and says what is missing.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usage("Usage: "+cmd.UseLine(), "%s takes %s.", cmd.CommandPath(), what)
	}
}

// atLeastOne refuses an empty list of arguments.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return usage("Usage: "+cmd.UseLine(), "%s needs %s.", cmd.CommandPath(), what)
	}
}
