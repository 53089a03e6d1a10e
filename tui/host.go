package tui

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Host is the person's own machine. A session that runs elsewhere has none.
type Host interface {
	// Copy hands text to the machine's clipboard. ErrNoClipboard: there is no
	// program here that could.
	Copy(text string) error
	// Editor is a command that edits a text, and how to get at the result when it
	// has ended. done removes what was written, whatever happened.
	Editor(text string) (cmd *exec.Cmd, done func() (string, error), err error)
}

// ErrNoClipboard says that there is no clipboard program.
var ErrNoClipboard = errors.New("no clipboard program")

// Local is the machine that the program runs on. Getenv is os.Getenv if nil.
type Local struct{ Getenv func(string) string }

func (l Local) getenv(name string) string {
	if l.Getenv == nil {
		return os.Getenv(name)
	}
	return l.Getenv(name)
}

// clipboards are the programs that take a clipboard's text, and what must be set
// for them to work.
var clipboards = []struct {
	needs   string
	command []string
}{
	{"WAYLAND_DISPLAY", []string{"wl-copy"}},
	{"DISPLAY", []string{"xclip", "-selection", "clipboard"}},
	{"DISPLAY", []string{"xsel", "--clipboard", "--input"}},
	{"", []string{"pbcopy"}},
	{"", []string{"clip.exe"}},
	{"TERMUX_VERSION", []string{"termux-clipboard-set"}},
}

// Copy implements Host. Over SSH the machine is the wrong one: there is no
// clipboard then.
func (l Local) Copy(text string) error {
	if l.getenv("SSH_CONNECTION") != "" || l.getenv("SSH_TTY") != "" {
		return ErrNoClipboard
	}
	for _, c := range clipboards {
		if c.needs != "" && l.getenv(c.needs) == "" {
			continue
		}
		path, err := exec.LookPath(c.command[0])
		if err != nil {
			continue
		}
		cmd := exec.Command(path, c.command[1:]...) //nolint:gosec // one of the programs named above
		cmd.Stdin = strings.NewReader(text)
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", c.command[0], err)
		}
		return nil
	}
	return ErrNoClipboard
}

// Editor implements Host: VISUAL, EDITOR, else vi.
func (l Local) Editor(text string) (*exec.Cmd, func() (string, error), error) {
	words := strings.Fields(l.getenv("VISUAL"))
	if len(words) == 0 {
		words = strings.Fields(l.getenv("EDITOR"))
	}
	if len(words) == 0 {
		words = []string{"vi"}
	}
	dir, err := os.MkdirTemp("", "aichat-")
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(dir, "prompt.md")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		_ = os.RemoveAll(dir) // the first error says more
		return nil, nil, err
	}
	done := func() (string, error) {
		b, err := os.ReadFile(file)
		_ = os.RemoveAll(dir) // left behind, it is in the system's temporary folder
		return strings.TrimSuffix(string(b), "\n"), err
	}
	return exec.Command(words[0], append(words[1:], file)...), done, nil //nolint:gosec // the person's own editor
}
