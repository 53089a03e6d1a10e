package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// completion prints the script that teaches a shell our commands.
func (p *program) completion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the script that completes our commands in a shell",
		Long: `Print the script that completes our commands in a shell.

In bash it needs the package bash-completion, version 2 or newer, which most
systems have: without it, tab says "command not found". In zsh it comes after
compinit.`,
		Example: `  source <(aichat completion bash)            # in ~/.bashrc
  source <(aichat completion zsh)             # in ~/.zshrc, after compinit
  aichat completion fish | source             # in ~/.config/fish/config.fish
  aichat completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && slices.Contains(shells, args[0]) {
				return nil
			}
			return usage("Usage: "+cmd.UseLine(), "Which shell?")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var b strings.Builder
			if err := completionScript(cmd.Root(), &b, args[0]); err != nil {
				return failed(err, "The script cannot be made.")
			}
			return p.print(b.String())
		},
	}
}

func completionScript(root *cobra.Command, b *strings.Builder, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(b, true)
	case "zsh":
		return root.GenZshCompletion(b)
	case "fish":
		return root.GenFishCompletion(b, true)
	default:
		return root.GenPowerShellCompletionWithDesc(b)
	}
}

// completeWithin is how long a press of tab may take.
const completeWithin = 300 * time.Millisecond

// completions asks a running server for what can be typed. It starts none, and
// what it cannot learn in time it does not offer.
func (p *program) completions(
	cmd *cobra.Command, ask func(context.Context, *client.Client) ([]cobra.Completion, error),
) ([]cobra.Completion, cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp
	ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
	defer cancel()
	target, err := p.lenders.target()
	if err != nil {
		return nil, nothing
	}
	if target.Local {
		transport, err := p.lenders.localTransport()
		if err != nil || !transport.Running(ctx) {
			return nil, nothing
		}
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return nil, nothing
	}
	found, err := ask(ctx, c)
	if err != nil {
		return nil, nothing
	}
	return found, nothing | cobra.ShellCompDirectiveKeepOrder
}

// completeModel completes --model.
func (p *program) completeModel(cmd *cobra.Command) {
	p.completeFlag(cmd, "model", func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return p.completions(cmd, func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
			list, err := c.Models(ctx)
			return modelCompletions(list.Models, begun), err
		})
	})
}

func modelCompletions(models []wire.Model, begun string) []cobra.Completion {
	var found []cobra.Completion
	for _, m := range models {
		if m.Usable && (strings.HasPrefix(m.ID, begun) || strings.HasPrefix(m.Name, begun)) {
			found = append(found, cobra.CompletionWithDesc(oneLine(m.ID), oneLine(m.Title)))
		}
	}
	return found
}

// completeChatFlag completes --chat.
func (p *program) completeChatFlag(cmd *cobra.Command) {
	p.completeFlag(cmd, "chat", func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return p.completions(cmd, chatsBeginning(begun, nil))
	})
}

// chatArguments completes the ids of at most n chats; any number if negative.
func (p *program) chatArguments(n int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if n >= 0 && len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return p.completions(cmd, chatsBeginning(begun, args))
	}
}

// chatsBeginning finds the newest chats whose id begins so, without those that
// were typed already.
func chatsBeginning(begun string, typed []string) func(context.Context, *client.Client) ([]cobra.Completion, error) {
	return func(ctx context.Context, c *client.Client) ([]cobra.Completion, error) {
		page, err := c.Conversations(ctx, client.ListQuery{All: true, Limit: 50, Prefix: strings.ToLower(begun)})
		var found []cobra.Completion
		for _, chat := range page.Conversations {
			if strings.HasPrefix(chat.ID, strings.ToLower(begun)) && !slices.Contains(typed, chat.ID) {
				found = append(found, cobra.CompletionWithDesc(oneLine(chat.ID), oneLine(chat.Title)))
			}
		}
		return found, err
	}
}

// completeFlag registers a flag's completion; that the flag exists is the
// caller's to know.
func (p *program) completeFlag(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // a flag of that name was not defined: a mistake in this program
	}
}
