package markdown

import (
	"strings"
	"sync"

	glamour "charm.land/glamour/v2/ansi"
	"charm.land/lipgloss/v2"
	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/charmbracelet/x/ansi"
)

// Theme says what a document is drawn for. The zero value is a dark terminal with
// Unicode.
type Theme struct {
	Light bool

	// ASCII draws rules, bullets and tables with ASCII only.
	ASCII bool
}

// palette are the colours of a theme, as lipgloss reads them.
type palette struct {
	heading, link, code, quote, faint                    string
	keyword, name, str, number, comment, operator, error string
}

func (t Theme) palette() palette {
	if t.Light {
		return palette{
			heading: "#5a32a3", link: "#0550ae", code: "#a40e6c", quote: "#57606a", faint: "#6e7781",
			keyword: "#a626a4", name: "#0550ae", str: "#1a7f37", number: "#986801", comment: "#6e7781",
			operator: "#24292f", error: "#b31d28",
		}
	}
	return palette{
		heading: "#c4a7ff", link: "#79b8ff", code: "#ff9ecb", quote: "#a0a8b7", faint: "#7d8590",
		keyword: "#d2a8ff", name: "#79c0ff", str: "#a5d6a7", number: "#ffb86c", comment: "#7d8590",
		operator: "#c9d1d9", error: "#ff7b72",
	}
}

// styles is glamour's configuration: no margins, no fill, no marks of Markdown.
func (t Theme) styles() glamour.StyleConfig {
	p := t.palette()
	bullet, rule, bar, ticked, unticked := "• ", "─", "│ ", "☑ ", "☐ "
	column, centre := "│", "┼"
	if t.ASCII {
		bullet, rule, bar, ticked, unticked = "- ", "-", "| ", "[x] ", "[ ] "
		column, centre = "|", "+"
	}
	heading := glamour.StyleBlock{StylePrimitive: glamour.StylePrimitive{Color: &p.heading, Bold: new(true)}}
	first := heading
	first.Underline = new(true)
	return glamour.StyleConfig{
		BlockQuote: glamour.StyleBlock{
			StylePrimitive: glamour.StylePrimitive{Color: &p.quote, Italic: new(true)},
			Indent:         new(uint(1)), IndentToken: &bar,
		},
		List:          glamour.StyleList{LevelIndent: 2},
		Heading:       heading,
		H1:            first,
		Strikethrough: glamour.StylePrimitive{CrossedOut: new(true)},
		Emph:          glamour.StylePrimitive{Italic: new(true)},
		Strong:        glamour.StylePrimitive{Bold: new(true)},
		HorizontalRule: glamour.StylePrimitive{
			Color: &p.faint, Format: "\n" + strings.Repeat(rule, 12) + "\n",
		},
		Item:        glamour.StylePrimitive{BlockPrefix: bullet},
		Enumeration: glamour.StylePrimitive{BlockPrefix: ". "},
		Task:        glamour.StyleTask{Ticked: ticked, Unticked: unticked},
		Link:        glamour.StylePrimitive{Color: &p.link, Underline: new(true)},
		LinkText:    glamour.StylePrimitive{Color: &p.link},
		Image:       glamour.StylePrimitive{Color: &p.link, Underline: new(true)},
		ImageText:   glamour.StylePrimitive{Color: &p.faint, Format: "{{.text}}"},
		Code:        glamour.StyleBlock{StylePrimitive: glamour.StylePrimitive{Color: &p.code}},
		CodeBlock: glamour.StyleCodeBlock{
			StyleBlock: glamour.StyleBlock{Margin: new(uint(len(codeIndent)))}, Theme: t.styleName(),
		},
		Table: glamour.StyleTable{
			CenterSeparator: &centre, ColumnSeparator: &column, RowSeparator: &rule,
		},
	}
}

func (t Theme) styleName() string {
	if t.Light {
		return "aichat-light"
	}
	return "aichat-dark"
}

// registerStyles tells the highlighter our colours, once: glamour finds them by
// name, for code inside lists.
var registerStyles = sync.OnceFunc(func() {
	for _, t := range []Theme{{}, {Light: true}} {
		styles.Register(t.codeStyle())
	}
})

func (t Theme) codeStyle() *chroma.Style {
	p := t.palette()
	return chroma.MustNewStyle(t.styleName(), chroma.StyleEntries{
		chroma.Comment:             p.comment,
		chroma.Keyword:             p.keyword,
		chroma.KeywordType:         p.name,
		chroma.NameFunction:        p.name,
		chroma.NameClass:           p.name,
		chroma.NameBuiltin:         p.name,
		chroma.NameTag:             p.keyword,
		chroma.NameAttribute:       p.name,
		chroma.NameDecorator:       p.number,
		chroma.LiteralString:       p.str,
		chroma.LiteralNumber:       p.number,
		chroma.OperatorWord:        p.keyword,
		chroma.GenericDeleted:      p.error,
		chroma.GenericInserted:     p.str,
		chroma.GenericHeading:      "bold " + p.heading,
		chroma.GenericSubheading:   p.name,
		chroma.GenericPrompt:       p.faint,
		chroma.LiteralStringEscape: p.number,
	})
}

// lexer finds a language's lexer; nil: it is not known by that name.
func (r *Renderer) lexer(name string) chroma.Lexer {
	if l, ok := r.known[name]; ok {
		return l
	}
	if r.known == nil {
		r.known = map[string]chroma.Lexer{}
	}
	var l chroma.Lexer
	if name != "" && name != "text" && name != "plain" {
		if l = lexers.GlobalLexerRegistry.Get(name); l != nil {
			l = chroma.Coalesce(l)
		}
	}
	r.known[name] = l
	return l
}

// colour is the sequence that begins a token's style; empty: it has none.
func (r *Renderer) colour(t chroma.TokenType) string {
	if s, ok := r.colours[t]; ok {
		return s
	}
	if r.style == nil {
		registerStyles()
		r.style, r.colours = styles.Get(r.theme.styleName()), map[chroma.TokenType]string{}
	}
	entry := r.style.Get(t)
	style := ansi.Style{}
	if entry.Colour.IsSet() {
		style = style.ForegroundColor(lipgloss.Color(entry.Colour.String()))
	}
	if entry.Bold == chroma.Yes {
		style = style.Bold()
	}
	s := ""
	if len(style) > 0 {
		s = style.String()
	}
	r.colours[t] = s
	return s
}
