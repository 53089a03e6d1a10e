package markdown

import (
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark/parser"
)

// definition finds link reference definitions (CommonMark 4.7) on one line. It
// is compiled when it is first needed: most commands draw nothing, and the
// program starts for each of them.
var definition = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n]+\]:[ \t]*\S.*$`)
})

// references are a document's link reference definitions, wherever they stand:
// a piece may use what another defines.
type references struct {
	source string
	list   []parser.Reference
	parsed bool
}

// collect takes the definitions out of a piece, and reports whether there are any.
func (r *references) collect(source string) bool {
	if !strings.Contains(source, "]:") {
		return false
	}
	found := definition().FindAllString(source, -1)
	if len(found) == 0 {
		return false
	}
	r.source += strings.Join(found, "\n") + "\n"
	r.parsed = false
	return true
}

// context is what a piece is parsed in.
func (r *references) context(p parser.Parser) parser.Context {
	ctx := parser.NewContext()
	if r == nil || r.source == "" {
		return ctx
	}
	if !r.parsed {
		r.list, r.parsed = parseReferences(p, r.source), true
	}
	for _, ref := range r.list {
		ctx.AddReference(ref)
	}
	return ctx
}
