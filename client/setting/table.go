package setting

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Markdown writes settings as a Markdown table for the documentation.
func Markdown(settings []Setting) string {
	var b strings.Builder
	b.WriteString("| Setting | Variable | Flag | Default | Meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range settings {
		env := code(s.Env, "")
		if s.Secret && s.Env != "" {
			env += ", " + code(s.Env+"_FILE", "")
		}
		row := []string{code(s.Key, ""), env, code(s.Flag, "--"), defaultCell(s), cell(s.Help)}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}

// defaultCell is the default as it is written, or in words what holds without
// one.
func defaultCell(s Setting) string {
	if s.Default == "" {
		return cell(s.Unset)
	}
	return code(s.Default, "")
}

func code(s, prefix string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(prefix+s) + "`"
}

// cell makes text safe in a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

// shown is the value, or in parentheses what holds without one.
func (s Setting) shown() string {
	switch {
	case s.Value != "":
		return s.Value
	case s.Unset != "":
		return "(" + s.Unset + ")"
	}
	return "-"
}

// Print writes settings as they stand, one a line, with where each came from.
func Print(w io.Writer, settings []Setting) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Key, s.shown(), s.From) // kept until Flush, which tells of errors
	}
	return tw.Flush()
}
