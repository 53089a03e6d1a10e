package markdown_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/tui/markdown"
)

// answer is an answer of about a size, of prose, lists, code and tables.
func answer(size int) string {
	const part = "## A heading\n\nSome prose with **bold** words, `code` and a [link](https://example.com) that is long enough to wrap.\n\n" +
		"- an item\n- another, with *emphasis*\n\n```go\nfunc add(a, b int) int {\n\t// the sum\n\treturn a + b\n}\n```\n\n" +
		"| name | value |\n|------|------:|\n| one  | 1     |\n| two  | 2     |\n\n"
	return strings.Repeat(part, size/len(part)+1)[:size]
}

// BenchmarkStream is the cost of a frame: deltas of 33 ms at 3 kB/s, each drawn.
func BenchmarkStream(b *testing.B) {
	for name, doc := range map[string]string{
		"20kB": answer(20 << 10), "200kB": answer(200 << 10),
		"200kB_fence": "```go\n" + strings.Repeat("\tx := compute(a, \"text\") // and a comment\n", 5000),
	} {
		b.Run(name, func(b *testing.B) {
			parts := deltas(doc, 100)
			r := markdown.New(markdown.Theme{}, 100)
			frames := 0
			for b.Loop() {
				var d markdown.Document
				for _, delta := range parts {
					d.Write(delta)
					for i := max(d.Len()-8, 0); i < d.Len(); i++ {
						d.Block(i, r)
					}
				}
				frames += len(parts)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(frames), "µs/delta")
		})
	}
}

func BenchmarkRender(b *testing.B) {
	for _, kb := range []int{2, 20} {
		b.Run(fmt.Sprintf("%dkB", kb), func(b *testing.B) {
			doc := answer(kb << 10)
			r := markdown.New(markdown.Theme{}, 100)
			for b.Loop() {
				r.Render(doc)
			}
		})
	}
}
