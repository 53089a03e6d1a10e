package theme

import (
	"charm.land/lipgloss/v2"

	"github.com/aichat-term/aichat/tui/markdown"
)

// Options say what the terminal and the person need. The zero value is a dark
// terminal with Unicode.
type Options struct {
	Light bool

	// ASCII keeps to ASCII in everything drawn.
	ASCII bool

	// Accessible draws for a screen reader: words instead of marks, no boxes,
	// nothing that moves.
	Accessible bool
}

// Theme is a set of styles and glyphs. It is immutable: a change of Options is a
// new Theme, so that caches can be keyed by the pointer.
type Theme struct {
	Options

	Text, Dim, Accent, Good, Warn, Bad lipgloss.Style
	Title, Selected, Match, Key        lipgloss.Style

	Glyphs
}

// Glyphs are the marks that are drawn.
type Glyphs struct {
	Prompt, User, Mark, Running, Stopped, Failed, Cut string
	Vertical, Horizontal, Ellipsis, Dot, Cursor       string
	Folded, Unfolded, Down                            string
	Border                                            lipgloss.Border
}

// New is the theme for some options.
func New(o Options) *Theme {
	c := func(dark, light string) lipgloss.Style {
		hex := dark
		if o.Light {
			hex = light
		}
		return lipgloss.NewStyle().Foreground(lipgloss.Color(hex))
	}
	t := &Theme{
		Options: o,
		Text:    lipgloss.NewStyle(),
		Dim:     c("#8b949e", "#636c76"),
		Accent:  c("#c4a7ff", "#6639ba"),
		Good:    c("#7ee787", "#1a7f37"),
		Warn:    c("#e3b341", "#9a6700"),
		Bad:     c("#ff7b72", "#cf222e"),
		Key:     c("#79b8ff", "#0550ae"),
		Glyphs:  glyphs(o),
	}
	t.Title = t.Accent.Bold(true)
	t.Match = t.Warn.Bold(true)
	t.Selected = lipgloss.NewStyle().Reverse(true)
	return t
}

func glyphs(o Options) Glyphs {
	switch {
	case o.Accessible:
		return Glyphs{
			Prompt: "> ", User: "", Mark: "* ", Running: "answering", Stopped: "", Failed: "", Cut: "",
			Vertical: " ", Horizontal: "", Ellipsis: "...", Dot: "-", Cursor: "> ",
			Folded: "", Unfolded: "", Down: "", Border: lipgloss.HiddenBorder(),
		}
	case o.ASCII:
		return Glyphs{
			Prompt: "> ", User: "| ", Mark: "> ", Running: "*", Stopped: "#", Failed: "x", Cut: "!",
			Vertical: "|", Horizontal: "-", Ellipsis: "...", Dot: "|", Cursor: "> ",
			Folded: "+", Unfolded: "-", Down: "v", Border: lipgloss.ASCIIBorder(),
		}
	}
	return Glyphs{
		Prompt: "› ", User: "▌ ", Mark: "┃ ", Running: "●", Stopped: "■", Failed: "✗", Cut: "✂",
		Vertical: "│", Horizontal: "─", Ellipsis: "…", Dot: "·", Cursor: "› ",
		Folded: "▸", Unfolded: "▾", Down: "↓", Border: lipgloss.RoundedBorder(),
	}
}

// Markdown is the theme answers are drawn in.
func (t *Theme) Markdown() markdown.Theme {
	return markdown.Theme{Light: t.Light, ASCII: t.ASCII || t.Accessible}
}
