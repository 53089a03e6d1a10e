package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/tui/terminal"
)

// program is one run of the command: its streams, its environment, its clock,
// and what it lends to commands.
type program struct {
	streams
	env environment
	now func() time.Time

	lenders lenders
	verbose bool // -v: say causes as well
	style   style
}

// run runs the command line and returns the exit status. It writes to the given streams only, and may be
// called any number of times in one process.
func run(ctx context.Context, args []string, s streams, env environment) int {
	return newProgram(s, env).run(ctx, args)
}

func newProgram(s streams, env environment) *program {
	p := &program{streams: s, env: env, now: time.Now, style: styleFor(s, env)}
	p.lenders.p = p
	return p
}

func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	p.lenders.close()
	return p.conclude(ctx, err)
}

// root is the tree of commands: the program's table of contents.
func (p *program) root() *cobra.Command {
	cmd := p.bare()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SuggestionsMinimumDistance = 2
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetIn(p.in)
	cmd.SetOut(p.out)
	cmd.SetErr(p.err)
	cmd.SetHelpFunc(p.help)
	cmd.SetFlagErrorFunc(wrongFlag)
	cmd.PersistentFlags().StringVar(&p.lenders.profile, "profile", "", "use the server of this `PROFILE` of the configuration")
	cmd.AddCommand(
		p.ask(), p.chats(), p.models(), p.usageCommand(), p.upgrade(),
		p.login(), p.logout(), p.whoami(), p.sessions(), p.tokens(), p.keys(), p.account(),
		p.doctor(), p.config(), p.completion(), p.version(),
	)
	cmd.AddCommand(topics()...)
	return cmd
}

// conclude says on stderr what went wrong, if anything, and returns the exit
// status.
func (p *program) conclude(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	f := p.failureOf(ctx, err)
	if f.message != "" && !alreadySaid(err) {
		p.say(p.err, f)
	}
	return f.status
}

// say writes a failure for people: what happened, then what to type next.
func (p *program) say(w io.Writer, f *failure) {
	said := []string{f.message}
	if f.hint != "" {
		said = append(said, f.hint)
	}
	if p.verbose && f.cause != nil {
		said = append(said, "cause: "+f.cause.Error())
	}
	const name = "aichat: "
	var lines []string
	for _, one := range said {
		lines = append(lines, p.wrapped(inert(one), len(name))...)
	}
	_, _ = io.WriteString(w, name+strings.Join(lines, "\n"+strings.Repeat(" ", len(name)))+"\n") // nowhere left to report that stderr is gone
}

// wrapped is a text in the lines that a terminal has room for beside a margin;
// to a file or a pipe it goes as it is, for whoever searches it.
func (p *program) wrapped(text string, margin int) []string {
	if !p.err.terminal {
		return strings.Split(text, "\n")
	}
	return terminal.Wrap(text, max(p.err.width()-margin, 20))
}
