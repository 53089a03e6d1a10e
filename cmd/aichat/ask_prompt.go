package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// gather reads everything that makes up the prompt and assembles it.
func (p *program) gather(ctx context.Context, o askOptions) (string, error) {
	words := strings.TrimSpace(strings.Join(o.words, " "))
	stdin, err := p.gatherInput(ctx, o, words != "" || len(o.files) > 0)
	if err != nil {
		return "", err
	}
	var files []attachment
	for _, name := range o.files {
		if name == "-" {
			files = append(files, attachment{"stdin", stdin})
			stdin = ""
			continue
		}
		text, err := readAttachment(name)
		if err != nil {
			return "", err
		}
		files = append(files, attachment{name, text})
	}
	prompt := assemble(words, files, stdin)
	if strings.TrimSpace(prompt) == "" {
		return "", p.nothingAsked()
	}
	return prompt, checkText("The prompt", []byte(prompt))
}

// gatherInput reads stdin where it is a pipe or a file, and where it was named.
func (p *program) gatherInput(ctx context.Context, o askOptions, prompted bool) (string, error) {
	named := 0
	for _, f := range o.files {
		if f == "-" {
			named++
		}
	}
	if named > 1 {
		return "", usage("Name it once.", "Stdin can be read only once, and -f - is given %d times.", named)
	}
	if named == 0 && !p.in.given() {
		return "", nil
	}
	remark := waitingForInput(p.err, prompted)
	if o.quiet || p.in.kind == inputTerminal {
		remark = func() {}
	}
	text, err := readInput(ctx, p.in, maxPrompt, remark)
	if err != nil {
		return "", err
	}
	return string(text), checkText("stdin", text)
}

// nothingAsked says what to type, in the words of the situation.
func (p *program) nothingAsked() error {
	if p.in.given() {
		return usage(`Type: aichat ask "your question"`, "There is no question: stdin was empty.")
	}
	return usage(`Type: aichat ask "your question"    or pipe a text: git diff | aichat ask "explain"`,
		"There is no question.")
}

// readAttachment reads a file that is to be quoted; it is refused by name where
// it cannot be.
func readAttachment(name string) (string, error) {
	shown := oneLine(name)
	info, err := os.Stat(name)
	if err != nil {
		return "", failed(unwrapPath(err), "%s cannot be read: %s", shown, unwrapPath(err))
	}
	if info.IsDir() {
		return "", usage("Name the files: -f a.go -f b.go", "%s is a directory.", shown)
	}
	if info.Size() > maxPrompt {
		return "", tooLarge(shown)
	}
	file, err := os.Open(name)
	if err != nil {
		return "", failed(unwrapPath(err), "%s cannot be read: %s", shown, unwrapPath(err))
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, maxPrompt+1))
	if err != nil {
		return "", failed(unwrapPath(err), "%s cannot be read: %s", shown, unwrapPath(err))
	}
	return string(text), checkText(shown, text)
}

// unwrapPath drops the operation and the path of a file error, which the
// sentence around it says already.
func unwrapPath(err error) error {
	type unwrapper interface{ Unwrap() error }
	if u, ok := err.(unwrapper); ok {
		if inner := u.Unwrap(); inner != nil {
			return inner
		}
	}
	return err
}

func tooLarge(name string) error {
	return &failure{status: exitUsage, code: "too_large", hint: "Send a part of it, or a summary.",
		message: fmt.Sprintf("%s is larger than the %d MiB that one message may hold.", name, maxPrompt>>20)}
}
