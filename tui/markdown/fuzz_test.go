package markdown_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/tui/markdown"
	"github.com/aichat-term/aichat/tui/terminal"
)

func seeds(f *testing.F) {
	for _, doc := range corpus() {
		if len(doc) < 4<<10 {
			f.Add(doc, 3)
		}
	}
	f.Add("- a\n\n\n1) b\n   ~~~\n x", 1)
	f.Add("\t- a\n\t\tb\n```", 2)
}

// FuzzSplit: the pieces are the text, however it arrives.
func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, doc string, size int) {
		size = max(size%64, 1)
		var whole, parts markdown.Splitter
		want := append(whole.Write(doc), whole.Close()...)
		var got []markdown.Piece
		for _, delta := range deltas(doc, size) {
			got = append(got, parts.Write(delta)...)
		}
		got = append(got, parts.Close()...)
		if !slices.Equal(got, want) {
			t.Fatalf("%q in parts of %d: %+v, whole: %+v", doc, size, got, want)
		}
		var b strings.Builder
		for _, p := range got {
			b.WriteString(p.Source)
		}
		if b.String() != doc {
			t.Fatalf("%q became %q", doc, b.String())
		}
	})
}

// FuzzRender: nothing panics, nothing live is drawn, streamed is whole.
func FuzzRender(f *testing.F) {
	seeds(f)
	r := markdown.New(markdown.Theme{}, 40)
	f.Fuzz(func(t *testing.T, doc string, size int) {
		size = max(size%64, 1)
		var d markdown.Document
		for _, delta := range deltas(strings.ToValidUTF8(doc, "?"), size) {
			d.Write(delta)
		}
		d.Close()
		got := d.Lines(r)
		if want := r.Render(strings.ToValidUTF8(doc, "?")); !slices.Equal(got, want) {
			t.Fatalf("%q: %q, whole: %q", doc, got, want)
		}
		for _, l := range r.Render(doc) {
			if rest := escapes.ReplaceAllString(l, ""); rest != terminal.Clean(rest) {
				t.Fatalf("%q drawn as %q", doc, l)
			}
		}
	})
}
