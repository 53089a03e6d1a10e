package composer_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/composer"
)

var named = map[string]tea.KeyPressMsg{
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "backspace": {Code: tea.KeyBackspace},
	"delete": {Code: tea.KeyDelete}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "ctrl+k": {Code: 'k', Mod: tea.ModCtrl},
	"ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "alt+b": {Code: 'b', Mod: tea.ModAlt}, "alt+enter": {Code: tea.KeyEnter, Mod: tea.ModAlt},
	"enter": {Code: tea.KeyEnter},
}

func press(t *testing.T, m *composer.Model, keys ...string) (ask any) {
	t.Helper()
	for _, k := range keys {
		msg, ok := named[k]
		if !ok {
			t.Fatalf("no key %q", k)
		}
		ask, _ = m.Key(msg)
	}
	return ask
}

// TestCaret is where the terminal's cursor belongs after some keys: it stands
// between grapheme clusters, at the cell that they end in.
func TestCaret(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		keys   []string
		x, y   int
		value  string // empty: as it was
		narrow int    // the width; 0: 40
	}{
		"empty":                       {},
		"after letters":               {text: "abc", x: 3},
		"wide characters":             {text: "日本語", x: 6},
		"before a wide one":           {text: "日本語", keys: []string{"left"}, x: 4},
		"combining mark":              {text: "e\u0301x", x: 2},
		"left over a combining mark":  {text: "xe\u0301", keys: []string{"left"}, x: 1},
		"delete a combined letter":    {text: "xe\u0301", keys: []string{"backspace"}, x: 1, value: "x"},
		"left over a joined emoji":    {text: "a👩‍👩‍👧b", keys: []string{"left", "left"}, x: 1},
		"delete a joined emoji":       {text: "a👩‍👩‍👧", keys: []string{"backspace"}, x: 1, value: "a"},
		"delete a flag":               {text: "a🇩🇪", keys: []string{"backspace"}, x: 1, value: "a"},
		"right to left":               {text: "שלום", x: 4},
		"left in right to left":       {text: "שלום", keys: []string{"left"}, x: 3},
		"a tab":                       {text: "\ta", x: 5},
		"second line":                 {text: "one\ntwo", x: 3, y: 1},
		"up keeps the column":         {text: "日本\nabc", keys: []string{"up"}, x: 2},
		"up and down keep it":         {text: "abc\n日\nabc", keys: []string{"up", "down"}, x: 3, y: 2},
		"a word at a time":            {text: "one zwei", keys: []string{"alt+b"}, x: 4},
		"a word deleted":              {text: "one zwei", keys: []string{"ctrl+w"}, x: 4, value: "one "},
		"to the beginning":            {text: "one two", keys: []string{"home", "ctrl+k"}, value: "\x00"},
		"wrapped at a space":          {text: "aaaa bbbb", x: 4, y: 1, narrow: 8},
		"wrapped in a word":           {text: "aaaaaaaaaa", x: 2, y: 1, narrow: 8},
		"a wide one wraps whole":      {text: "aaaaaaa日", x: 2, y: 1, narrow: 8},
		"full row: the caret is next": {text: "aaaaaaaa", x: 0, y: 1, narrow: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := composer.New()
			width := 40
			if c.narrow > 0 {
				width = c.narrow
			}
			m.SetSize(width, 5)
			m.Insert(c.text)
			press(t, m, c.keys...)
			rows, x, y := m.View()
			if x != c.x || y != c.y {
				t.Errorf("the caret is at %d, %d, not %d, %d, in %q", x, y, c.x, c.y, rows)
			}
			switch c.value {
			case "":
				c.value = c.text
			case "\x00":
				c.value = ""
			}
			if m.Value() != c.value {
				t.Errorf("%q, not %q", m.Value(), c.value)
			}
		})
	}
}

func TestEveryPlaceCanBeReached(t *testing.T) {
	t.Parallel()
	m := composer.New()
	m.SetSize(10, 20)
	m.Insert("one two three\n日本語日本語日本語\n\nשלום e\u0301👩‍👩‍👧 end")
	last := m.Value()
	for range 200 {
		press(t, m, "left")
		if _, x, y := m.View(); x < 0 || x >= 10 || y < 0 || y >= 20 {
			t.Fatalf("the caret is at %d, %d", x, y)
		}
	}
	for range 200 {
		press(t, m, "delete")
	}
	if !m.Empty() {
		t.Errorf("%q is left of %q", m.Value(), last)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	m := composer.New()
	for _, s := range []string{"first", "second\nof two lines", "second\nof two lines"} {
		m.Remember(s)
	}
	m.Insert("a draft")
	press(t, m, "up")
	if m.Value() != "second\nof two lines" {
		t.Fatalf("%q", m.Value())
	}
	press(t, m, "up")
	if m.Value() != "first" {
		t.Fatalf("%q", m.Value())
	}
	press(t, m, "up")
	if m.Value() != "first" {
		t.Fatalf("past the oldest: %q", m.Value())
	}
	press(t, m, "down", "down", "down")
	if m.Value() != "a draft" {
		t.Errorf("the draft came back as %q", m.Value())
	}
	press(t, m, "up")
	m.Insert("x")
	if !strings.Contains(m.Value(), "x") {
		t.Errorf("%q", m.Value())
	}
	press(t, m, "enter")
	m.Clear()
	press(t, m, "up")
	if m.Value() != "second\nof two lines" {
		t.Errorf("a changed one was kept: %q", m.Value())
	}
}

func TestPaste(t *testing.T) {
	t.Parallel()
	const line = "a line \x1b[31mwith\x1b]52;c;AAAA\x07 escapes\ttab"
	m := composer.New()
	m.SetSize(60, 6)
	m.Insert(strings.Repeat(line+"\r\n", 5000) + strings.Repeat(line+"\r", 5000))
	if m.Lines() != 10_001 {
		t.Errorf("%d lines", m.Lines())
	}
	if want := strings.Repeat(line+"\n", 10_000); m.Value() != want {
		t.Error("what would be sent is not what was pasted, with line feeds")
	}
	for _, keys := range [][]string{nil, {"up"}, {"home"}, {"alt+enter"}} {
		press(t, m, keys...)
		rows, _, y := m.View()
		if len(rows) > 6 || y >= 6 {
			t.Errorf("%d rows, caret in %d", len(rows), y)
		}
		if s := strings.Join(rows, ""); strings.ContainsAny(s, "\x1b\x07\r\t") {
			t.Errorf("%q reaches the terminal", s)
		}
	}
}

func TestEnterAsksAndKeeps(t *testing.T) {
	t.Parallel()
	m := composer.New()
	m.Insert("question")
	if ask := press(t, m, "enter"); ask != (composer.Send{Text: "question"}) {
		t.Errorf("%#v", ask)
	}
	if m.Value() != "question" {
		t.Errorf("before it is on its way: %q", m.Value())
	}
	press(t, m, "alt+enter")
	if m.Value() != "question\n" {
		t.Errorf("%q", m.Value())
	}
}
