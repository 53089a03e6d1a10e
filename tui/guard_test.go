package tui

import (
	"reflect"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// fragile is a model that panics where it is told to.
type fragile struct{ at string }

func (f fragile) Init() tea.Cmd {
	f.breakAt("init")
	return tea.Batch(func() tea.Msg { f.breakAt("batch"); return nil }, func() tea.Msg { return "fine" })
}

func (f fragile) Update(tea.Msg) (tea.Model, tea.Cmd) {
	f.breakAt("update")
	return f, tea.Sequence(func() tea.Msg { f.breakAt("sequence"); return nil }, func() tea.Msg { return "fine" })
}

func (f fragile) View() tea.View {
	f.breakAt("view")
	return tea.NewView("drawn")
}

func (f fragile) breakAt(place string) {
	if f.at == place {
		panic(place)
	}
}

// runAll runs a command and all that it holds, and reports whether one of them
// ends the program.
func runAll(cmd tea.Cmd) (quits bool) {
	if cmd == nil {
		return false
	}
	msg := cmd()
	if _, ends := msg.(tea.QuitMsg); ends {
		return true
	}
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice {
		for i := range v.Len() {
			c, _ := reflect.TypeAssert[tea.Cmd](v.Index(i))
			quits = runAll(c) || quits
		}
	}
	return quits
}

func TestAPanicAnywhereEndsTheProgramInGoodOrder(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"init", "batch", "update", "sequence", "view", "nowhere"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			asked := make(chan bool, 1)
			g := &guard{app: fragile{place}, quit: func() { asked <- true }}
			quits := runAll(g.Init())
			_, cmd := g.Update("a message")
			quits = runAll(cmd) || quits
			view := g.View()
			if place == "view" {
				quits = <-asked || quits
			}
			f := g.failed()
			if place == "nowhere" {
				if quits || f != nil || view.Content != "drawn" {
					t.Errorf("quits %v, %v, %q", quits, f, view.Content)
				}
				return
			}
			if !quits || f == nil || f.Value != place || len(f.Stack) == 0 || view.Content != "" {
				t.Errorf("quits %v, %v, %q", quits, f, view.Content)
			}
		})
	}
}
