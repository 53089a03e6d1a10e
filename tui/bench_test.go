package tui_test

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/chat"
	"github.com/aichat-term/aichat/tui/theme"
	"github.com/aichat-term/aichat/tui/tuitest"
)

const paragraph = "Some prose with **bold** words and `code`, long enough to be wrapped once or twice on a screen of this width.\n\n" +
	"```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```\n\n- an item\n- another\n\n"

func long(n int) wire.MessagePage {
	var page wire.MessagePage
	for i := range n {
		role := []string{wire.RoleUser, wire.RoleAssistant}[i%2]
		page.Messages = append(page.Messages, wire.Message{ID: fmt.Sprint(i), Role: role, State: wire.StateComplete,
			Parts: []wire.Part{{Type: wire.PartText, Text: paragraph}}})
	}
	return page
}

// BenchmarkOpen5000 is a conversation of 5 000 messages that all are there, to its
// first screen. (The interface fetches 60 first.)
func BenchmarkOpen5000(b *testing.B) {
	page := long(5000)
	for b.Loop() {
		m := chat.New(theme.New(theme.Options{}))
		m.SetSize(120, 40)
		m.Reset(page)
		m.View()
	}
}

// BenchmarkResize5000 is a change of width with 5 000 messages.
func BenchmarkResize5000(b *testing.B) {
	m := chat.New(theme.New(theme.Options{}))
	m.Reset(long(5000))
	w := 100
	for b.Loop() {
		w = 220 - w
		m.SetSize(w, 40)
		m.View()
	}
}

// BenchmarkStream200kB is an answer that grows by 100 bytes a frame, after 20 others.
func BenchmarkStream200kB(b *testing.B) {
	answer := strings.Repeat(paragraph, 200<<10/len(paragraph))
	frames := 0
	for b.Loop() {
		m := chat.New(theme.New(theme.Options{}))
		m.SetSize(120, 40)
		m.Reset(long(40))
		m.Begin("39", nil, wire.Message{ID: "a", Role: wire.RoleAssistant})
		for at := 0; at < len(answer); at += 100 {
			m.Delta("a", wire.Delta{Type: wire.PartText, Text: answer[at:min(at+100, len(answer))]})
			m.View()
			frames++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(frames), "µs/frame")
}

func benchApp(b *testing.B) *tui.App {
	f := tuitest.NewFake()
	f.PageSize = 5000
	texts := make([]string, 5000)
	for i := range texts {
		texts[i] = paragraph
	}
	f.Add("aaa", "Long", texts...)
	d := tuitest.Drive(b, tui.Options{Backend: f, Chat: "aaa"}, 120, 40)
	d.UntilShown("another")
	return d.App
}

// BenchmarkPaste10000 is 10 000 lines pasted, and then a key.
func BenchmarkPaste10000(b *testing.B) {
	text := strings.Repeat("a line that was pasted, of some length\n", 10_000)
	d := tuitest.Drive(b, tui.Options{Backend: tuitest.NewFake()}, 120, 40)
	for b.Loop() {
		d.Paste(text)
		d.Key("x", "ctrl+c")
	}
}

// BenchmarkKeyInPaste10000 is a key typed into 10 000 lines, with what they will cost.
func BenchmarkKeyInPaste10000(b *testing.B) {
	d := tuitest.Drive(b, tui.Options{Backend: tuitest.NewFake()}, 120, 40)
	d.Paste(strings.Repeat("a line that was pasted, of some length\n", 10_000))
	d.UntilShown("tokens")
	for b.Loop() {
		d.App.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
		d.App.View()
		d.App.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
		d.App.View()
	}
}

// BenchmarkKey5000 is a key typed after 5 000 messages: Update and View.
func BenchmarkKey5000(b *testing.B) {
	d := benchApp(b)
	for b.Loop() {
		d.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
		d.View()
		d.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
		d.View()
	}
}
