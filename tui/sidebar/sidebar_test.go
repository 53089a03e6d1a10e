package sidebar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/sidebar"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

var (
	enter = tea.KeyPressMsg{Code: tea.KeyEnter}
	esc   = tea.KeyPressMsg{Code: tea.KeyEscape}
	down  = tea.KeyPressMsg{Code: tea.KeyDown}
)

func ctrl(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl} }

// list is a list with these titles, newest first, that has the keys.
func list(titles ...string) *sidebar.Model {
	m := sidebar.New(theme.New(theme.Options{}))
	m.SetSize(30, 12)
	m.SetPage(page(0, titles...))
	m.Focus(true)
	return m
}

func page(from int, titles ...string) wire.ConversationPage {
	var p wire.ConversationPage
	for i, title := range titles {
		p.Conversations = append(p.Conversations, wire.Conversation{
			ID: fmt.Sprint("c", from+i), Title: title, Listed: true, UpdatedAt: time.Unix(int64(1000-from-i), 0),
		})
	}
	return p
}

func typed(m *sidebar.Model, text string) (ask any) {
	for _, r := range text {
		ask, _ = m.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return ask
}

func key(m *sidebar.Model, k tea.KeyPressMsg) any {
	ask, _ := m.Key(k)
	return ask
}

func text(m *sidebar.Model) string { return ansi.Strip(strings.Join(m.View(), "\n")) }

func TestFilter(t *testing.T) {
	t.Parallel()
	m := list("Supper for six", "Counting words", "日本語の質問")
	ask := typed(m, "WORD")
	if s := text(m); !strings.Contains(s, "Counting") || strings.Contains(s, "Supper") {
		t.Errorf("filtered by WORD:\n%s", s)
	}
	search, ok := ask.(sidebar.Search)
	if !ok || search.Query != "WORD" || !m.Wants(search.Seq) {
		t.Fatalf("%#v", ask)
	}
	m.SetHits(search.Seq-1, []wire.Hit{{Conversation: "c0", Message: "old", Snippet: "of an older search"}})
	m.SetHits(search.Seq, []wire.Hit{{Conversation: "c0", Message: "m", Snippet: "many words here", Marks: [][2]int{{5, 9}}}})
	if s := text(m); strings.Contains(s, "older search") || !strings.Contains(s, "many words") {
		t.Errorf("what was found:\n%s", s)
	}
	key(m, down)
	if got := key(m, enter); got != (sidebar.Open{ID: "c0", Message: "m"}) {
		t.Errorf("%#v", got)
	}
	typed(m, "x")
	if got := key(m, esc); got != nil {
		t.Errorf("the first esc asks for %#v", got)
	}
	if got := key(m, esc); got != (sidebar.Leave{}) {
		t.Errorf("the second esc asks for %#v", got)
	}
	typed(m, "質問")
	if got := key(m, enter); got != (sidebar.Open{ID: "c2"}) {
		t.Errorf("%#v", got)
	}
}

func TestDeleteAsksFirst(t *testing.T) {
	t.Parallel()
	for answer, want := range map[rune]any{'y': sidebar.Delete{ID: "c1"}, 'Y': sidebar.Delete{ID: "c1"}, 'n': nil, 'x': nil, tea.KeyEnter: nil, tea.KeyEscape: nil} {
		m := list("Alpha", "Beta")
		key(m, down)
		if got := key(m, ctrl('x')); got != nil {
			t.Fatalf("%#v without a question", got)
		}
		if !strings.Contains(text(m), "Delete it?") {
			t.Errorf("it is not asked:\n%s", text(m))
		}
		press := tea.KeyPressMsg{Code: answer}
		if answer < tea.KeyExtended && answer > ' ' {
			press.Text = string(answer)
		}
		if got := key(m, press); got != want {
			t.Errorf("%q: %#v", answer, got)
		}
		if strings.Contains(text(m), "Delete it?") {
			t.Errorf("%q: it is still asked", answer)
		}
	}
	if got := key(list("Alpha"), ctrl('u')); got != (sidebar.Undo{}) {
		t.Errorf("%#v", got)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	m := list("Alpha")
	key(m, ctrl('r'))
	typed(m, " é日")
	if x, y, ok := m.Cursor(); !ok || y != 2 || x != 3+len("Alpha ")+3 {
		t.Errorf("the cursor is at %d, %d, %v", x, y, ok)
	}
	if got := key(m, enter); got != (sidebar.Rename{ID: "c0", Title: "Alpha é日"}) {
		t.Errorf("%#v", got)
	}
	key(m, ctrl('r'))
	typed(m, "x")
	if got := key(m, esc); got != nil {
		t.Errorf("esc: %#v", got)
	}
	key(m, ctrl('r'))
	if got := key(m, enter); got != nil {
		t.Errorf("the same title: %#v", got)
	}
}

func TestTheChosenStaysChosen(t *testing.T) {
	t.Parallel()
	m := list("Alpha", "Beta", "Gamma")
	key(m, down)
	p := page(0, "New", "Alpha", "Beta", "Gamma")
	for i := range p.Conversations[1:] {
		p.Conversations[i+1].ID = fmt.Sprint("c", i)
	}
	p.Conversations[0].ID = "new"
	m.SetPage(p)
	if got := key(m, enter); got != (sidebar.Open{ID: "c1"}) {
		t.Errorf("after the list changed: %#v", got)
	}
	m.Remove("c2")
	if strings.Contains(text(m), "Gamma") {
		t.Errorf("removed:\n%s", text(m))
	}
}

func TestMoreIsAskedOnce(t *testing.T) {
	t.Parallel()
	titles := make([]string, 30)
	for i := range titles {
		titles[i] = fmt.Sprint("chat ", i)
	}
	m := list()
	p := page(0, titles...)
	p.Next = "next"
	m.SetPage(p)
	asked := 0
	for range 29 {
		if got := key(m, down); got == (sidebar.More{Cursor: "next"}) {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	m.AddPage(page(30, "further down"))
	key(m, down)
	if got := key(m, enter); got != (sidebar.Open{ID: "c30"}) {
		t.Errorf("%#v", got)
	}
}

func TestEmptyStates(t *testing.T) {
	t.Parallel()
	m := sidebar.New(theme.New(theme.Options{}))
	m.SetSize(30, 12)
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "Loading"},
		{func() { m.Fail("The list could not be loaded.") }, "The list could not be"},
		{func() { m.SetPage(wire.ConversationPage{}) }, "No chats yet"},
	} {
		step.do()
		if s := text(m); !strings.Contains(s, step.want) {
			t.Errorf("not %q:\n%s", step.want, s)
		}
	}
}

func TestLinesFit(t *testing.T) {
	t.Parallel()
	m := list("日本語"+strings.Repeat("長い", 40), strings.Repeat("a", 100), "\x1b[31mred\x07", "👩‍👩‍👧 family")
	typed(m, strings.Repeat("q", 50))
	for _, view := range [][]string{m.View(), list("日本語" + strings.Repeat("長い", 40)).View()} {
		for _, l := range view {
			if w := terminal.Width(l); w > 30 {
				t.Errorf("%d cells: %q", w, l)
			}
		}
	}
}
