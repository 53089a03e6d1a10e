package markdown

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/aichat-term/aichat/tui/terminal"
)

// newParser is goldmark's own list of parsers without those of raw HTML: what
// looks like a tag is text.
func newParser() parser.Parser {
	blocks := []util.PrioritizedValue{
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
	inlines := []util.PrioritizedValue{
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewEmphasisParser(), 500),
	}
	return parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(inlines...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
}

func parseReferences(p parser.Parser, source string) []parser.Reference {
	ctx := parser.NewContext()
	p.Parse(text.NewReader([]byte(source)), parser.WithContext(ctx))
	return ctx.References()
}

// tame changes what glamour would draw badly, and returns the source to draw
// from: links that may not be opened become their text, and code in a language
// that is not known says so (it would be guessed at length).
func (r *Renderer) tame(doc ast.Node, src []byte) []byte {
	plain := text.NewSegment(len(src), len(src)+len("text"))
	src = append(src, "text"...)
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			n.Destination = address(n.Destination)
		case *ast.Image:
			n.Destination = address(n.Destination)
		case *ast.FencedCodeBlock:
			if r.lexer(Language(string(n.Language(src)))) == nil {
				n.Info = ast.NewTextSegment(plain)
			}
		}
		return ast.WalkContinue, nil
	})
	return src
}

// address is a link's destination, where it may be opened. What is left of any
// other is an anchor, which glamour neither links nor prints.
func address(destination []byte) []byte {
	s := terminal.Line(string(destination))
	if _, ok := terminal.WebLink(s); ok {
		return []byte(s)
	}
	return []byte("#")
}

// entity finds numeric character references, those hidden behind an escaped
// ampersand too.
var entity = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`&(?:amp;)*#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));`)
})

// inertEntities replaces references to controls by what Clean makes of them: a
// renderer would turn them into the controls themselves.
func inertEntities(s string) string {
	if !strings.Contains(s, "#") {
		return s
	}
	return entity().ReplaceAllStringFunc(s, func(ref string) string {
		m := entity().FindStringSubmatch(ref)
		base, digits := 16, m[1]
		if digits == "" {
			base, digits = 10, m[2]
		}
		n, err := strconv.ParseInt(digits, base, 32)
		if err != nil || n == '\n' || n == '\t' {
			return ref
		}
		if clean := terminal.Clean(string(rune(n))); clean != string(rune(n)) {
			return clean
		}
		return ref
	})
}
