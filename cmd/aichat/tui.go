package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aichat-term/aichat/client/workspace"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/theme"
)

// runTUI opens the terminal interface, and says afterwards how to come back.
func (p *program) runTUI(ctx context.Context, o tuiOptions) error {
	if t := p.env.get("TERM"); t == "dumb" || t == "" {
		return usage(`To ask one question: aichat ask "…"`, "This terminal cannot draw a screen (TERM is %q).", t)
	}
	c, err := p.lenders.client(ctx)
	if err != nil {
		return err
	}
	asked, err := p.askedModel(askOptions{model: o.model})
	if err != nil {
		return err
	}
	model, err := p.modelFor(askOptions{model: o.model})
	if err != nil {
		return err
	}
	login, err := p.screenLogin()
	if err != nil {
		return err
	}
	screen := tui.Options{
		Backend: workspace.New(c), Host: tui.Local{Getenv: p.env.get}, Chat: o.chat, Model: model, Recalled: model != asked,
		Theme: theme.Options{
			Light: p.env.light(), ASCII: !p.env.unicode(),
			Accessible: o.accessible || truthy(p.env.get("ACCESSIBLE")),
		},
		TimeZone: p.env.zone(), Now: p.now,
	}
	if login != nil {
		screen.Login, screen.OpenURL = login, p.openPage(login.at)
	}
	chat, err := tui.Run(ctx, screen, tui.Terminal{In: p.in.Reader, Out: p.out.Writer, Env: os.Environ()})
	if chat != "" {
		_, _ = fmt.Fprintf(p.err, "To go on: aichat --chat %s\n", chat) // a closed terminal is no failure
	}
	if fault, yes := errors.AsType[*tui.PanicError](err); yes {
		return p.tellFault(fault)
	}
	return err
}

// tellFault prints where a fault of this program happened, for whoever is to mend
// it, now that the screen is the shell's again.
func (p *program) tellFault(fault *tui.PanicError) error {
	_ = write(p.err, fmt.Sprintf("panic: %s\n\n%s\n", inert(fmt.Sprint(fault.Value)), inert(string(fault.Stack)))) // nowhere else to say it
	return &failure{status: exitFailed, code: codeFailed, message: "aichat broke off by a fault of its own; the chats are safe with the server.",
		hint: "Please report it with the lines above."}
}

// truthy reports whether a variable is set to say yes.
func truthy(value string) bool { return value != "" && value != "0" && value != "false" }
