package main

import (
	"strings"
	"testing"
)

func TestAssemble(t *testing.T) {
	t.Parallel()
	goFile := attachment{"dir/main.go", "package main\n"}
	for _, c := range []struct {
		name, words string
		files       []attachment
		stdin, want string
	}{
		{"nothing", "", nil, "", ""},
		{"words alone", "a b", nil, "", "a b"},
		{"stdin alone, byte for byte", "", nil, "\n x \n\n", "\n x \n\n"},
		{"words and stdin", "explain", nil, "x\n", "explain\n\nx\n"},
		{"a file alone", "", []attachment{goFile}, "", "dir/main.go:\n```go\npackage main\n```"},
		{"all three", "w", []attachment{goFile, {"x", "y"}}, "in", "w\n\ndir/main.go:\n```go\npackage main\n```\n\nx:\n```\ny\n```\n\nin"},
		{"fences inside", "", []attachment{{"a.md", "````\nx\n````\n"}}, "", "a.md:\n`````markdown\n````\nx\n````\n`````"},
		{"an empty file", "", []attachment{{"e", ""}}, "", "e:\n```\n```"},
		{"an evil name", "", []attachment{{"a\n```\nb\x1b[2J", "x"}}, "", "a ``` b␛[2J:\n```\nx\n```"},
	} {
		if got := assemble(c.words, c.files, c.stdin); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestTitleOf(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 40)
	for prompt, want := range map[string]string{
		"hello":                  "hello",
		"\n\n  two   words \nx":  "two words",
		"a\x1b]0;x\x07b":         "a␛]0;x␇b",
		"":                       "",
		long:                     strings.TrimSpace(strings.Repeat("word ", 15)) + "…",
		strings.Repeat("日", 200): strings.Repeat("日", 79) + "…",
	} {
		if got := titleOf(prompt); got != want {
			t.Errorf("titleOf(%.20q) = %q, want %q", prompt, got, want)
		}
	}
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, says string }{
		{"text", "héllo\r\n\t日本", ""},
		{"a NUL", "ab\x00", "NUL at byte 2"},
		{"half a character", "ab\xe6\x97", "byte 2"},
		{"a surrogate", "\xed\xa0\x80", "byte 0"},
		{"a picture", "GIF89a...", "a GIF image"},
		{"WebP", "RIFF\x10\x00\x00\x00WEBPVP8 ", "a WebP image"},
		{"UTF-16", "\xff\xfea\x00", "UTF-16"},
		{"too large", strings.Repeat("a", maxPrompt+1), "larger than the 8 MiB"},
	} {
		err := checkText("it", []byte(c.text))
		switch {
		case c.says == "" && err != nil, c.says != "" && err == nil:
			t.Errorf("%s: %v", c.name, err)
		case err != nil && !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: %q does not say %q", c.name, err, c.says)
		}
	}
}

func TestFirstBlock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, want string
		found            bool
	}{
		{"none", "text `code` ``` not a fence", "", false},
		{"one", "a\n```go\nx\n\ny\n```\nb", "x\n\ny\n", true},
		{"the first", "```\n1\n```\n```\n2\n```", "1\n", true},
		{"tildes", "~~~\n```\n~~~", "```\n", true},
		{"a longer fence", "````\n```\n````", "```\n", true},
		{"in a list", "- x\n  ```\n  a\n    b\n  ```", "a\n  b\n", true},
		{"never closed", "```\na", "a", true},
		{"empty", "```\n```", "", true},
		{"CRLF", "```\r\na\r\n```\r\n", "a\r\n", true},
		{"code in a line", "```x``` y", "", false},
	} {
		got, found := firstBlock(c.text)
		if got != c.want || found != c.found {
			t.Errorf("%s: %q, %v", c.name, got, found)
		}
	}
}

func FuzzFirstBlock(f *testing.F) {
	f.Add("```\na\n```")
	f.Add("~~~~ x\n")
	f.Fuzz(func(t *testing.T, text string) {
		block, found := firstBlock(text)
		if !found && block != "" {
			t.Errorf("%q without a block", block)
		}
		fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
		quoted, found := firstBlock(fence + "\n" + text + "\n" + fence)
		if strings.ContainsRune(text, '\r') {
			return
		}
		if !found || quoted != text+"\n" {
			t.Errorf("what is fenced by assemble comes out as %q, want %q", quoted, text+"\n")
		}
	})
}
