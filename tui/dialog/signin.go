package dialog

import (
	"net/netip"
	"net/url"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// What the person asks for while a sign-in waits.
type (
	// OpenPage opens the page in a browser.
	OpenPage struct{ URL string }
	// CopyPage copies the page's address.
	CopyPage struct{ URL string }
	// PrintPage leaves the screen for a moment and prints the address, where it
	// can be selected.
	PrintPage struct{ URL, Code string }
)

// SignIn shows where to approve a sign-in, and the code to compare.
type SignIn struct {
	theme          *theme.Theme
	url, code, say string
}

// NewSignIn is a sign-in for which a code has yet to come.
func NewSignIn(t *theme.Theme) *SignIn {
	return &SignIn{theme: t, say: "Asking the server for a code" + t.Ellipsis}
}

// SetTheme changes the look.
func (s *SignIn) SetTheme(t *theme.Theme) { s.theme = t }

// Show shows page and code.
func (s *SignIn) Show(url, code string) {
	s.url, s.code, s.say = url, code, "Waiting for you to allow it"+s.theme.Ellipsis
}

// Say says how it stands, or why it failed.
func (s *SignIn) Say(text string) { s.say = text }

// Key handles a key press.
func (s *SignIn) Key(msg tea.KeyPressMsg) (ask any) {
	switch msg.String() {
	case "esc", "ctrl+c", "q":
		return Close{}
	case "o", "enter":
		if s.url != "" {
			return OpenPage{s.url}
		}
	case "c":
		if s.url != "" {
			return CopyPage{s.url}
		}
	case "p":
		if s.url != "" {
			return PrintPage{s.url, s.code}
		}
	}
	return nil
}

// whichMachine says where a page can be opened: one at a machine's own address is
// at that machine only.
func whichMachine(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return "any machine"
	}
	ip, _ := netip.ParseAddr(u.Hostname()) // the zero Addr, if it is a name, is no loopback
	if u.Hostname() == "localhost" || ip.IsLoopback() {
		return "this machine"
	}
	return "any machine"
}

// View is a box of at most a size. The address stands on a line of its own, and
// unbroken where there is room.
func (s *SignIn) View(width, _ int) []string {
	t := s.theme
	inner := min(width-4, 100)
	rows := []string{"You are not signed in. Open this page in a browser, on " + whichMachine(s.url) + ":", ""}
	if s.url == "" {
		rows = []string{"You are not signed in to this server.", ""}
	} else {
		rows = append(rows, terminal.Wrap(terminal.Line(s.url), inner)...)
		rows = append(rows, "", "Allow it only if the page shows this code:", "", "  "+t.Accent.Render(terminal.Line(s.code)), "")
	}
	for _, l := range terminal.Wrap(terminal.Clean(s.say), inner) {
		rows = append(rows, t.Dim.Render(l))
	}
	if s.url != "" {
		rows = append(rows, "", t.Key.Render("o")+" open   "+t.Key.Render("c")+" copy   "+t.Key.Render("p")+" print it outside this screen   "+t.Key.Render("esc")+" close")
	}
	return Box(t, "Sign in", rows, inner)
}
