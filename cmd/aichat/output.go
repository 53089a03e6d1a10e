package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// write writes all of a text. A reader that has gone is errQuiet.
func write(w io.Writer, text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(w, text)
	switch {
	case err == nil:
		return nil
	case brokenPipe(err):
		return errQuiet
	default:
		return failed(err, "the output cannot be written")
	}
}

// print writes to stdout.
func (p *program) print(text string) error { return write(p.out, text) }

// printJSON writes one value to stdout, indented on a terminal and on one line
// elsewhere.
func (p *program) printJSON(v any) error {
	var (
		text string
		err  error
	)
	if p.out.terminal {
		text, err = indented(v)
	} else {
		text, err = marshal(v)
	}
	if err != nil {
		return failed(err, "the output cannot be written as JSON")
	}
	return p.print(text)
}

// marshal writes a value as one line of JSON, with < > and & as they are: it is
// read by programs, not put into web pages.
func marshal(v any) (string, error) { return encode(v, "") }

func indented(v any) (string, error) { return encode(v, "  ") }

func encode(v any, indent string) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return escapeControls(b.String()), err
}

// escapeControls writes the controls that encoding/json leaves as they are (DEL
// and C1, of which U+009B begins an escape sequence to many terminals) as JSON's
// own escapes. They stand within strings only.
func escapeControls(text string) string {
	isControl := func(r rune) bool { return r >= 0x7f && r <= 0x9f }
	if !strings.ContainsFunc(text, isControl) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if isControl(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// noArguments refuses arguments of a command that takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage("See: "+cmd.CommandPath()+" --help", "%s takes no argument %q.", cmd.CommandPath(), oneLine(args[0]))
}

// style says how a stream may be written to, beyond plain text.
type style struct {
	colour bool // colours and bold on stdout
	notes  bool // the same on stderr
	dumb   bool // TERM=dumb: no cursor movement
}

// styleFor follows NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM=dumb.
func styleFor(s streams, vars environment) style {
	dumb := vars.get("TERM") == "dumb"
	allowed := vars.get("NO_COLOR") == "" && vars.get("CLICOLOR") != "0" && !dumb
	forced := vars.get("NO_COLOR") == "" && vars.get("CLICOLOR_FORCE") != "" && vars.get("CLICOLOR_FORCE") != "0"
	return style{
		colour: forced || (allowed && s.out.terminal),
		notes:  allowed && s.err.terminal,
		dumb:   dumb,
	}
}

// bold, dim and mark wrap a text where colours are allowed.
func (s style) bold(text string) string { return s.sgr("1", text) }
func (s style) dim(text string) string  { return s.sgr("2", text) }
func (s style) mark(text string) string { return s.sgr("1;33", text) }
func (s style) good(text string) string { return s.sgr("32", text) }
func (s style) bad(text string) string  { return s.sgr("31", text) }

func (s style) sgr(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
