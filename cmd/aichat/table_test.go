package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
)

// What is typed elsewhere stands whole in a list, however narrow the terminal; the
// rest gives way.
func TestWhatIsTypedIsNotCut(t *testing.T) {
	t.Parallel()
	const id, model = "0193a7c2-4f1b", "anthropic/claude-opus-4-1-20250805"
	full, long := id+"-7000-8000-000000000001", strings.Repeat("a long text ", 9)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, list := range map[string]struct {
		typed []string
		fits  int // the width from which on lines are no wider
		text  func(p *program) string
	}{
		"chats": {[]string{id, model}, 80, func(p *program) string {
			return chatTable([]wire.Conversation{{ID: full, Model: model, Title: long, UpdatedAt: now}}, now, p.out.width(), style{})
		}},
		"models": {[]string{model}, 80, func(p *program) string {
			return modelTable([]wire.Model{{ID: model, Provider: long, Context: 200_000}}, true, p.out.width(), style{})
		}},
		"keys": {[]string{id}, 80, func(p *program) string {
			return p.keyTable([]wire.Key{{ID: full, Provider: "anthropic", Hint: "cdef", Readable: true, Label: long}})
		}},
		"tokens": {[]string{id}, 80, func(p *program) string {
			return p.tokenTable([]wire.Token{{ID: full, Scope: "chat", Name: long}})
		}},
		"sessions": {[]string{id}, 60, func(p *program) string {
			return p.sessionTable([]wire.Session{{ID: full, Address: "192.0.2.1", Device: long, SeenAt: now}})
		}},
	} {
		for _, width := range []int{40, 60, 80} {
			p := newProgram(streams{out: output{size: func() (int, int) { return width, 24 }}}, func(string) (string, bool) { return "", false })
			text := list.text(p)
			for _, typed := range list.typed {
				if !strings.Contains(text, typed) {
					t.Errorf("%s: %q is cut at %d columns:\n%s", name, typed, width, text)
				}
			}
			if w := terminal.Width(text); width >= list.fits && w > width {
				t.Errorf("%s: %d cells at %d columns:\n%s", name, w, width, text)
			}
			if !strings.Contains(text, "…\n") {
				t.Errorf("%s: nothing gave way at %d columns:\n%s", name, width, text)
			}
		}
	}
}
