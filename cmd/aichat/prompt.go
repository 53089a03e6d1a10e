package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxPrompt is the most that one message may hold, in bytes: the server's own
// limit, told here before anything is sent.
const maxPrompt = 8 << 20

// attachment is a text that is quoted in the prompt under a name.
type attachment struct{ name, text string }

// assemble makes the prompt out of the words of the command line, the attached
// files and the text of stdin, in that order, with a blank line between them.
// What is alone is passed on as it is, byte for byte.
func assemble(words string, files []attachment, stdin string) string {
	var parts []string
	if words != "" {
		parts = append(parts, words)
	}
	for _, f := range files {
		parts = append(parts, fenced(f))
	}
	if stdin != "" {
		parts = append(parts, stdin)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	for i, p := range parts[:max(len(parts)-1, 0)] {
		parts[i] = strings.TrimRight(p, "\n")
	}
	return strings.Join(parts, "\n\n")
}

// fenced quotes a file as a fenced code block under its name. The fence is
// longer than any run of backticks in the text, so that nothing in it ends it
// (CommonMark 0.31, section 4.5).
func fenced(f attachment) string {
	fence := strings.Repeat("`", max(3, longestRun(f.text, '`')+1))
	text := f.text
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return oneLine(f.name) + ":\n" + fence + language(f.name) + "\n" + text + fence
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// checkText refuses by name what the contract cannot carry: invalid UTF-8, NUL
// and what is too large.
func checkText(name string, b []byte) error {
	if len(b) > maxPrompt {
		return tooLarge(name)
	}
	if what := picture(b); what != "" {
		return refused("Only text can be sent yet.", "%s is %s, not text.", name, what)
	}
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		return refused("Convert it first: iconv -f UTF-16 -t UTF-8", "%s is UTF-16 text, not UTF-8.", name)
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return refused("Only text can be sent yet.", "%s is binary: it holds a NUL at byte %d.", name, i)
	}
	if i := invalidUTF8(b); i >= 0 {
		return refused("Convert it first, say: iconv -f latin1 -t UTF-8",
			"%s is not valid UTF-8 text: see byte %d.", name, i)
	}
	return nil
}

func refused(hint, format string, args ...any) *failure {
	return &failure{status: exitUsage, code: "text_invalid", message: fmt.Sprintf(format, args...), hint: hint}
}

// invalidUTF8 is the offset of the first byte that is not valid, or -1.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

// picture names what the first bytes of a file say it is, where that is a kind
// people are likely to try; empty: none of them.
func picture(b []byte) string {
	for _, m := range []struct{ magic, name string }{
		{"\x89PNG\r\n", "a PNG image"},
		{"\xff\xd8\xff", "a JPEG image"},
		{"GIF87a", "a GIF image"},
		{"GIF89a", "a GIF image"},
		{"%PDF-", "a PDF document"},
		{"PK\x03\x04", "a ZIP archive (or an office document)"},
	} {
		if bytes.HasPrefix(b, []byte(m.magic)) {
			return m.name
		}
	}
	if len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" {
		return "a WebP image"
	}
	return ""
}

// maxTitle is how many characters of a prompt's first line make a title.
const maxTitle = 80

// titleOf is the first line of the prompt that says something, cut to a title's
// length at a word where one is near.
func titleOf(prompt string) string {
	line := ""
	for l := range strings.Lines(prompt) {
		if line = oneLine(l); line != "" {
			break
		}
	}
	runes := []rune(line)
	if len(runes) <= maxTitle {
		return line
	}
	cut := string(runes[:maxTitle-1])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space]
	}
	return cut + "…"
}
