package markdown_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/tui/markdown"
	"github.com/aichat-term/aichat/tui/terminal"
)

// deltas cuts a text into pieces of a size, anywhere.
func deltas(s string, size int) []string {
	var out []string
	for len(s) > size {
		n := size
		for n < len(s) && s[n]&0xc0 == 0x80 {
			n++
		}
		out, s = append(out, s[:n]), s[n:]
	}
	return append(out, s)
}

func TestStreamedEqualsWhole(t *testing.T) {
	t.Parallel()
	for name, doc := range corpus() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := markdown.New(markdown.Theme{}, 60)
			want := r.Render(doc)
			for _, size := range []int{1, 7, 64, 1 << 20} {
				if size == 1 && len(doc) > 10_000 {
					continue
				}
				var d markdown.Document
				for i, delta := range deltas(doc, size) {
					d.Write(delta)
					if i%50 == 0 && d.Len() > 0 {
						d.Block(d.Len()-1, r)
					}
				}
				d.Close()
				if got := d.Lines(r); !slices.Equal(got, want) {
					t.Fatalf("in deltas of %d bytes:\n%s\nwhole:\n%s", size, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

func TestPrinterPrintsEachLineOnce(t *testing.T) {
	t.Parallel()
	docs := corpus()
	delete(docs, "references") // printed as written: see TestPrinterKeepsDefinitions
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := markdown.New(markdown.Theme{}, 60)
			want := r.Render(doc)
			for _, size := range []int{3, 40, 1 << 20} {
				if size == 3 && len(doc) > 10_000 {
					continue
				}
				p := markdown.NewPrinter(r)
				var got []string
				for _, delta := range deltas(doc, size) {
					got = append(got, p.Write(delta)...)
				}
				got = append(got, p.Close()...)
				if plainWant := plain(want); !slices.Equal(plain(got), plainWant) {
					t.Fatalf("in deltas of %d bytes:\n%q\nwhole:\n%q", size, plain(got), plainWant)
				}
			}
		})
	}
}

func TestPrinterKeepsDefinitions(t *testing.T) {
	t.Parallel()
	p := markdown.NewPrinter(markdown.New(markdown.Theme{}, 60))
	got := append(p.Write("see [a]\n\n[a]: https://example.com\n"), p.Close()...)
	if want := []string{"see [a]", "", "[a]: https://example.com"}; !slices.Equal(plain(got), want) {
		t.Errorf("%q", got)
	}
}

func TestPrinterDoesNotWaitForTheEnd(t *testing.T) {
	t.Parallel()
	p := markdown.NewPrinter(markdown.New(markdown.Theme{}, 40))
	if got := p.Write("```go\nline one\nline"); len(got) != 1 {
		t.Errorf("a line of code that ended: %q", got)
	}
	p = markdown.NewPrinter(markdown.New(markdown.Theme{}, 40))
	if got := p.Write(strings.Repeat("word ", 20)); len(got) < 2 {
		t.Errorf("full rows of prose: %q", got)
	}
	p = markdown.NewPrinter(markdown.New(markdown.Theme{}, 40))
	if got := p.Write("**" + strings.Repeat("word ", 20)); len(got) != 0 {
		t.Errorf("rows inside open emphasis: %q", got)
	}
}

// escapes are all sequences that may be in what is drawn.
var escapes = regexp.MustCompile("\x1b\\[[0-9;:]*m|\x1b\\]8;[^;\x07]*;((https?|mailto):[!-~]*)?\x07")

func plain(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimRight(escapes.ReplaceAllString(l, ""), " ")
	}
	return out
}

func TestNothingLiveIsDrawn(t *testing.T) {
	t.Parallel()
	for name, doc := range corpus() {
		for _, l := range markdown.New(markdown.Theme{Light: true}, 40).Render(doc) {
			rest := escapes.ReplaceAllString(l, "")
			if rest != terminal.Clean(rest) {
				t.Errorf("%s: %q", name, l)
			}
		}
	}
}

func TestLinesFit(t *testing.T) {
	t.Parallel()
	for name, doc := range corpus() {
		if strings.HasPrefix(name, "table") {
			continue // a table of many columns has a least width
		}
		for _, l := range markdown.New(markdown.Theme{}, 40).Render(doc) {
			if w := terminal.Width(l); w > 40 {
				t.Errorf("%s: %d cells: %q", name, w, l)
			}
		}
	}
}

func TestOpenBlocksStayBounded(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"code": "a line of code, forty bytes and a bit\n", "list": "- an item of a list\n", "prose": "words ",
		"table": "| a | b |\n", "quote": "> quoted\n", "one line": "x",
	} {
		doc := strings.Repeat(unit, 200_000/len(unit))
		if name == "code" {
			doc = "```go\n" + doc
		}
		var s markdown.Splitter
		for _, delta := range deltas(doc, 1000) {
			s.Write(delta)
			if n := len(s.Tail().Source); n > 40<<10 {
				t.Fatalf("%s: %d bytes are open", name, n)
			}
		}
	}
}

func TestDefinitionsReachBack(t *testing.T) {
	t.Parallel()
	r := markdown.New(markdown.Theme{}, 60)
	var d markdown.Document
	d.Write("see [docs]\n\nmore\n\n")
	if got := strings.Join(d.Lines(r), "\n"); strings.Contains(got, "\x1b]8") {
		t.Fatalf("a link before its definition: %q", got)
	}
	d.Write("[docs]: https://example.com\n\n")
	if got := strings.Join(d.Lines(r), "\n"); !strings.Contains(got, "https://example.com") {
		t.Fatalf("no link after its definition: %q", got)
	}
}

func TestASCII(t *testing.T) {
	t.Parallel()
	r := markdown.New(markdown.Theme{ASCII: true}, 40)
	for _, l := range r.Render("# a\n\n- b\n- [x] c\n\n> d\n\n| e | f |\n|---|---|\n| g | h |\n\n---\n") {
		if l != terminal.ASCII(l) {
			t.Errorf("%q", l)
		}
	}
}
