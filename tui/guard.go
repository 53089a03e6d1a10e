package tui

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// PanicError is a fault of this program that ended it. Nothing of a conversation
// is lost by it: the server has them.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("a fault of the program: %v", e.Value) }

// guard is the application as Bubble Tea runs it: one whose panics end it in good
// order, and are told when the screen is the shell's again. Bubble Tea itself
// tells of a command's panic while its own screen is up, which takes it along.
type guard struct {
	app  tea.Model
	quit func() // ends the program, from any goroutine

	mu    sync.Mutex
	fault *PanicError
}

// Init implements tea.Model.
func (g *guard) Init() (cmd tea.Cmd) {
	defer g.catch(&cmd)
	return g.within(g.app.Init())
}

// Update implements tea.Model.
func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer g.catch(&cmd)
	if g.failed() != nil {
		return g, tea.Quit
	}
	_, cmd = g.app.Update(msg)
	return g, g.within(cmd)
}

// View implements tea.Model. After a fault it draws nothing.
func (g *guard) View() (v tea.View) {
	var cmd tea.Cmd
	defer func() {
		if cmd != nil {
			go g.quit() // the loop that would take it is ours
		}
	}()
	defer g.catch(&cmd)
	if g.failed() != nil {
		return v
	}
	return g.app.View()
}

// catch turns a panic into the command that ends the program. It is deferred.
func (g *guard) catch(cmd *tea.Cmd) {
	if value := recover(); value != nil {
		g.note(value)
		*cmd = tea.Quit
	}
}

// within is a command, or those of a batch or a sequence, under the guard.
func (g *guard) within(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if value := recover(); value != nil {
				g.note(value)
				msg = tea.QuitMsg{}
			}
		}()
		return g.each(cmd())
	}
}

// each guards the commands that a message holds: a batch's, or a sequence's,
// whose type Bubble Tea keeps to itself.
func (g *guard) each(msg tea.Msg) tea.Msg {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return msg
	}
	guarded := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		if cmd, ok := reflect.TypeAssert[tea.Cmd](v.Index(i)); ok && cmd != nil {
			guarded.Index(i).Set(reflect.ValueOf(g.within(cmd)))
		}
	}
	return guarded.Interface()
}

// note keeps the first fault.
func (g *guard) note(value any) {
	stack := debug.Stack()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault == nil {
		g.fault = &PanicError{Value: value, Stack: stack}
	}
}

func (g *guard) failed() *PanicError {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fault
}
