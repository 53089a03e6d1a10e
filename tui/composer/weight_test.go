package composer_test

import (
	"testing"

	"github.com/aichat-term/aichat/tui/composer"
	"github.com/aichat-term/aichat/tui/cost"
)

// What the text weighs is kept as it is edited: it is always that of the whole.
func TestWeighedAsItIsEdited(t *testing.T) {
	t.Parallel()
	m := composer.New()
	m.SetSize(20, 5)
	check := func(what string) {
		t.Helper()
		if got, want := m.Tokens(), cost.Of(m.Value()).Tokens(); got != want {
			t.Fatalf("after %s: %d tokens, not %d, in %q", what, got, want, m.Value())
		}
	}
	m.Insert("one two\r\nthree 日本語\n\n👩‍👩‍👧 four five six\n")
	check("a paste")
	for _, key := range []string{"up", "end", "backspace", "ctrl+w", "home", "backspace", "up", "delete", "ctrl+k", "delete", "alt+enter", "ctrl+u", "left", "delete"} {
		press(t, m, key)
		check(key)
	}
	m.Insert("middle\nof it")
	check("a paste in the middle")
	m.Remember("something asked before, in 日本")
	for range 8 {
		press(t, m, "up")
		check("up into the history")
	}
	m.Insert("x")
	check("an edit of what was asked before")
	m.Clear()
	if check("clearing"); m.Tokens() != 0 {
		t.Errorf("nothing weighs %d", m.Tokens())
	}
}
