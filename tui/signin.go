package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/terminal"
)

// Login signs the person in to the server, on a page in a browser. It is safe for
// concurrent use.
type Login interface {
	// BeginLogin asks for a page and a code.
	BeginLogin(ctx context.Context) (LoginCode, error)
	// AwaitLogin waits until the person has decided about the code that was begun
	// last; nil: they are signed in, and the Backend knows.
	AwaitLogin(ctx context.Context) error
}

// LoginCode is where a sign-in is approved, and the code that the page shows too.
type LoginCode struct{ URL, Code string }

type (
	loginCodeMsg struct {
		code LoginCode
		err  error
	}
	loginDoneMsg struct{ err error }
	openedMsg    struct{ err error }
)

// unauthenticated reports whether an error says that somebody must sign in.
func unauthenticated(err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.Code == wire.Unauthenticated
}

// askToSignIn opens the dialog, unless it is open or there is no way to sign in.
func (a *App) askToSignIn() tea.Cmd {
	if a.Login == nil || a.signIn != nil {
		return nil
	}
	a.picker, a.pages, a.signIn = nil, nil, dialog.NewSignIn(a.theme)
	ctx, cancel := context.WithCancel(a.ctx)
	a.leaveSignIn = cancel
	return func() tea.Msg {
		code, err := a.Login.BeginLogin(ctx)
		return loginCodeMsg{code, err}
	}
}

// signInFrom opens the dialog where what an effect brought back says that it is
// needed.
func (a *App) signInFrom(msg tea.Msg) tea.Cmd {
	var err error
	switch msg := msg.(type) {
	case listMsg:
		err = msg.err
	case aboutMsg:
		err = msg.err
	case streamMsg:
		err = msg.err
	case modelsMsg:
		err = msg.err
	case changeMsg:
		err = msg.change.Lost
	}
	if !unauthenticated(err) || a.Login == nil {
		return nil
	}
	a.toast.text = "" // the dialog says more
	return a.askToSignIn()
}

func (a *App) gotLoginCode(msg loginCodeMsg) tea.Cmd {
	if a.signIn == nil {
		return nil
	}
	if msg.err != nil {
		a.signIn.Say(asFailure(msg.err).Text)
		return nil
	}
	a.signIn.Show(msg.code.URL, msg.code.Code)
	ctx, cancel := context.WithCancel(a.ctx)
	before := a.leaveSignIn
	a.leaveSignIn = func() { before(); cancel() }
	return func() tea.Msg { return loginDoneMsg{a.Login.AwaitLogin(ctx)} }
}

// loginDone carries on where the screen was, when somebody is signed in.
func (a *App) loginDone(msg loginDoneMsg) tea.Cmd {
	if a.signIn == nil {
		return nil
	}
	if msg.err != nil {
		a.signIn.Say(asFailure(msg.err).Text)
		return nil
	}
	a.closeSignIn()
	return tea.Batch(a.say(toastInfo, "You are signed in."), a.loadModels(), a.loadList(""), a.loadAbout())
}

func (a *App) closeSignIn() {
	if a.signIn != nil {
		a.leaveSignIn()
		a.signIn = nil
	}
}

// openPage hands the page to the person's browser.
func (a *App) openPage(url string) tea.Cmd {
	if a.OpenURL == nil {
		a.signIn.Say("There is no browser here. Open it yourself; the sign-in goes on.")
		return nil
	}
	return func() tea.Msg { return openedMsg{a.OpenURL(a.ctx, url)} }
}

func (a *App) opened(msg openedMsg) {
	switch {
	case a.signIn == nil:
	case msg.err != nil:
		a.signIn.Say(fmt.Sprintf("It could not be opened (%v). Open it yourself; the sign-in goes on.", msg.err))
	default:
		a.signIn.Say("It was handed to your browser. Waiting for you to allow it" + a.theme.Ellipsis)
	}
}

// printed is a program that prints a page's address on the plain terminal and
// waits for Enter: there the mouse can select it, over several lines too.
type printed struct {
	url, code string
	in        io.Reader
	out       io.Writer
}

func (p *printed) SetStdin(r io.Reader)  { p.in = r }
func (p *printed) SetStdout(w io.Writer) { p.out = w }
func (p *printed) SetStderr(io.Writer)   {}

// Run implements tea.ExecCommand.
func (p *printed) Run() error {
	if _, err := fmt.Fprintf(p.out, "\n%s\n\n%s\n\nPress Enter to go back to the chats.\n", terminal.Line(p.url), terminal.Line(p.code)); err != nil {
		return err
	}
	one := make([]byte, 1)
	for {
		n, err := p.in.Read(one)
		if err != nil || n > 0 && (one[0] == '\n' || one[0] == '\r') {
			return nil //nolint:nilerr // a terminal that ends is noticed by the screen
		}
	}
}
