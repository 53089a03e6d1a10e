package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// examineTerminal says what is known of the terminal, and what in tmux keeps
// keys and the clipboard from getting through.
func (p *program) examineTerminal(ctx context.Context) []finding {
	name := p.env.get("TERM")
	if name == "" {
		name = "unset"
	}
	colours := "16 or 256 colours"
	switch {
	case p.env.get("NO_COLOR") != "":
		colours = "no colours (NO_COLOR)"
	case p.style.dumb:
		colours = "plain text"
	case strings.Contains(p.env.get("COLORTERM"), "truecolor"), strings.Contains(p.env.get("COLORTERM"), "24bit"):
		colours = "true colour"
	}
	encoding := "UTF-8"
	if !p.env.unicode() {
		encoding = "not UTF-8: ASCII only"
	}
	detail := fmt.Sprintf("TERM=%s, %s, %s", name, colours, encoding)
	if !p.out.terminal {
		detail += "; stdout is not a terminal"
	} else if p.out.size != nil {
		w, h := p.out.size()
		detail += fmt.Sprintf(", %dx%d", w, h)
	}
	found := []finding{{Check: "terminal", Verdict: fine, Detail: detail}}
	if p.env.get("TMUX") == "" {
		return found
	}
	return append(found, examineTmux(ctx)...)
}

// tmuxSetting is a setting of tmux that we depend on.
type tmuxSetting struct {
	name string
	good []string // values that do
	lost string   // what does not work otherwise
	set  string   // the line that sets it
}

var tmuxSettings = []tmuxSetting{
	{"extended-keys", []string{"on", "always"}, "shift+enter is the same as enter", "set -s extended-keys on"},
	{"set-clipboard", []string{"on", "external"}, "copied text does not reach the clipboard", "set -s set-clipboard on"},
}

// examineTmux asks the tmux that we run in.
func examineTmux(ctx context.Context) []finding {
	var found []finding
	for _, s := range tmuxSettings {
		bounded, cancel := context.WithTimeout(ctx, time.Second)
		out, err := exec.CommandContext(bounded, "tmux", "show-options", "-sv", s.name).Output() //nolint:gosec // a fixed list
		cancel()
		if err != nil {
			return []finding{{Check: "tmux", Verdict: worry, Detail: "its settings cannot be asked for"}}
		}
		value := strings.TrimSpace(string(out))
		f := finding{Check: "tmux " + s.name, Verdict: worry, Detail: fmt.Sprintf("%s: %s", value, s.lost),
			Hint: "in ~/.tmux.conf: " + s.set}
		for _, good := range s.good {
			if value == good {
				f = finding{Check: "tmux " + s.name, Verdict: fine, Detail: value}
			}
		}
		found = append(found, f)
	}
	return found
}
