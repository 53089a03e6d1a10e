package tuitest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui"
)

// Driver runs an application as Bubble Tea would, without a terminal: commands run
// beside it, and what they bring back is handed to Update by Until.
type Driver struct {
	tb      testing.TB
	App     *tui.App
	results chan tea.Msg
	running int // commands that have not come back
	quit    bool
	Slowest time.Duration // the longest Update or View
}

// Deadline is how long Until waits for what must come.
const Deadline = 10 * time.Second

// Drive starts an application on a screen of a size.
func Drive(tb testing.TB, o tui.Options, width, height int) *Driver {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	tb.Cleanup(cancel)
	if o.NewID == nil {
		n := 0
		o.NewID = func() string { n++; return fmt.Sprintf("id-%d", n) }
	}
	d := &Driver{tb: tb, App: tui.NewApp(ctx, o), results: make(chan tea.Msg, 1024)}
	d.run(d.App.Init())
	d.Send(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

// Send hands a message to Update and draws.
func (d *Driver) Send(msg tea.Msg) {
	if msg == nil {
		return
	}
	if _, quit := msg.(tea.QuitMsg); quit {
		d.quit = true
		return
	}
	if cmds, ok := commands(msg); ok {
		for _, c := range cmds {
			d.run(c)
		}
		return
	}
	begin := time.Now()
	_, cmd := d.App.Update(msg)
	d.App.View()
	d.Slowest = max(d.Slowest, time.Since(begin))
	d.run(cmd)
}

// commands are those of a batch or a sequence: both are slices of tea.Cmd.
func commands(msg tea.Msg) ([]tea.Cmd, bool) {
	if b, ok := msg.(tea.BatchMsg); ok {
		return b, true
	}
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return nil, false
	}
	cmds := make([]tea.Cmd, v.Len())
	for i := range cmds {
		cmds[i], _ = reflect.TypeAssert[tea.Cmd](v.Index(i))
	}
	return cmds, true
}

func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.running++
	go func() { d.results <- cmd() }()
}

// Until hands on what commands bring back until a condition holds.
func (d *Driver) Until(what string, holds func() bool) {
	d.tb.Helper()
	timeout := time.After(Deadline)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case msg := <-d.results:
			d.running--
			d.Send(msg)
		case <-again.C: // what is waited for may come from outside
		case <-timeout:
			d.tb.Fatalf("waited in vain for %s; the screen:\n%s", what, d.Screen())
		}
	}
}

// UntilShown waits until the screen shows a text.
func (d *Driver) UntilShown(text string) {
	d.tb.Helper()
	d.Until(fmt.Sprintf("%q", text), func() bool { return strings.Contains(d.Screen(), text) })
}

// UntilGone waits until the screen no longer shows a text.
func (d *Driver) UntilGone(text string) {
	d.tb.Helper()
	d.Until("no "+text, func() bool { return !strings.Contains(d.Screen(), text) })
}

// UntilQuit waits until the application asks to end.
func (d *Driver) UntilQuit() {
	d.tb.Helper()
	d.Until("the end", func() bool { return d.quit })
}

// Type types a text, a key at a time.
func (d *Driver) Type(text string) {
	for _, r := range text {
		d.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// named are keys that have no character.
var named = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "f1": {Code: tea.KeyF1},
	"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"backspace": {Code: tea.KeyBackspace}, "shift+enter": {Code: tea.KeyEnter, Mod: tea.ModShift},
	"alt+enter": {Code: tea.KeyEnter, Mod: tea.ModAlt}, "ctrl+end": {Code: tea.KeyEnd, Mod: tea.ModCtrl},
	"ctrl+home": {Code: tea.KeyHome, Mod: tea.ModCtrl},
}

// Key presses keys by their names, such as ctrl+n.
func (d *Driver) Key(names ...string) {
	for _, name := range names {
		msg, ok := named[name]
		if !ok {
			msg = letter(name)
		}
		d.Send(msg)
	}
}

func letter(name string) tea.KeyPressMsg {
	mod, rest, found := strings.Cut(name, "+")
	if !found || mod == "" { // "+" is a key too
		r := []rune(name)[0]
		return tea.KeyPressMsg{Code: r, Text: name}
	}
	r := []rune(rest)[0]
	if mod == "alt" {
		return tea.KeyPressMsg{Code: r, Mod: tea.ModAlt}
	}
	return tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl}
}

// Paste pastes a text.
func (d *Driver) Paste(text string) { d.Send(tea.PasteMsg{Content: text}) }

// Styled is the screen with its escapes.
func (d *Driver) Styled() string { return d.App.View().Content }

// Screen is the screen as text, without trailing spaces.
func (d *Driver) Screen() string {
	lines := strings.Split(ansi.Strip(d.Styled()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
