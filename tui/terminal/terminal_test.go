package terminal_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aichat-term/aichat/tui/terminal"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain\ttext\n":        "plain\ttext\n",
		"\x1b[31mred":          "␛[31mred",
		"a\r\nb\rc":            "a\nb␍c",
		"\x00\x7f\u009b":       "␀␡<U+009B>",
		"\u202ereversed":       "<U+202E>reversed",
		"bad \xff byte":        "bad \uFFFD byte",
		"\ufeffx\u200by\u00ad": "<U+FEFF>x<U+200B>y<U+00AD>",
		"tag\U000e0041":        "tag<U+E0041>",
		"👩‍👩‍👧 é नमस्ते עברית": "👩‍👩‍👧 é नमस्ते עברית",
	} {
		if got := terminal.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, not %q", in, got, want)
		}
	}
	if got := terminal.Line("a\nb\tc\x07"); got != "a b c␇" {
		t.Errorf("Line: %q", got)
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"\x1b[1;38;2;1;2;3mx\x1b[m": "\x1b[1;38;2;1;2;3mx\x1b[m",
		"\x1b[2Jx":                  "␛[2Jx",
		"\x1b]8;id=1;https://a.b\x07x\x1b]8;;\x07": "\x1b]8;id=1;https://a.b\x07x\x1b]8;;\x07",
		"\x1b]8;;https://a.b\x1b\\x":               "\x1b]8;;https://a.b\x1b\\x",
		"\x1b]8;;javascript:x\x07x":                "x",
		"\x1b]52;c;AAAA\x07":                       "␛]52;c;AAAA␇",
		"\x1b":                                     "␛",
		"\x1b]8;;https://a.b":                      "␛]8;;https://a.b",
	} {
		if got := terminal.Seal(in); got != want {
			t.Errorf("Seal(%q) = %q, not %q", in, got, want)
		}
	}
}

func TestWebLink(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"https://a.b/c?d#e": true, "http://a": true, "mailto:a@b": true, "HTTPS://a": true,
		"javascript:x": false, "file:///x": false, "https:x": false, "": false, "https://a b": false, "https://a\x1b": false,
	} {
		if _, ok := terminal.WebLink(in); ok != want {
			t.Errorf("WebLink(%q) = %v", in, ok)
		}
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"ab": "ab   ", "日本語": "日本…", "abcdef": "abcd…"} {
		if got := terminal.Pad(in, 5, "…"); got != want {
			t.Errorf("Pad(%q) = %q, not %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\x1b[0m", "\r\r\n", "\xc2", "\u009b\u202e", "\x1b]8;;x\x07"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := terminal.Clean(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\x07\r\u009b\u202e") {
			t.Fatalf("Clean(%q) = %q", s, got)
		}
		if again := terminal.Clean(got); again != got {
			t.Fatalf("%q, then %q", got, again)
		}
		if sealed := terminal.Seal(s); terminal.Seal(sealed) != sealed {
			t.Fatalf("Seal(%q) is not stable", s)
		}
	})
}
