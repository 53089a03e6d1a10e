package quota

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// planLines says on which line of a plans' file each key stands, and which plans
// there are in which order: the decoder tells neither.
type planLines struct {
	line  map[string]int // by dotted name; limits are numbered: plan.free.limit[0].per
	plans []string
}

// linesOf reads a document that has been decoded before and is known to be good.
func linesOf(text []byte) planLines {
	l := planLines{line: map[string]int{}}
	var parser unstable.Parser
	parser.Reset(text)
	prefix, tables := "", map[string]int{}
	for parser.NextExpression() {
		e := parser.Expression()
		switch e.Kind {
		case unstable.Table:
			prefix = l.note(text, "", e.Key())
		case unstable.ArrayTable:
			name := l.note(text, "", e.Key())
			prefix = fmt.Sprintf("%s[%d]", name, tables[name])
			tables[name]++
			l.line[prefix] = lineOf(text, e.Key())
		case unstable.KeyValue:
			l.keyValue(text, prefix, e)
		default: // a comment
		}
	}
	return l
}

// keyValue notes a key and, where its value is a table or a list of tables, what
// is in it.
func (l *planLines) keyValue(text []byte, prefix string, e *unstable.Node) {
	key := l.note(text, prefix, e.Key())
	l.value(text, key, e.Value())
}

func (l *planLines) value(text []byte, key string, v *unstable.Node) {
	n := 0
	for children := v.Children(); children.Next(); {
		switch child := children.Node(); child.Kind {
		case unstable.KeyValue:
			l.keyValue(text, key, child)
		case unstable.InlineTable:
			at := fmt.Sprintf("%s[%d]", key, n)
			l.line[at] = l.line[key]
			l.value(text, at, child)
			n++
		default: // a plain value
		}
	}
}

// note notes every part of a dotted key, and returns the whole.
func (l *planLines) note(text []byte, prefix string, parts unstable.Iterator) string {
	key := prefix
	for parts.Next() {
		part := parts.Node()
		if key != "" {
			key += "."
		}
		key += string(part.Data)
		if _, known := l.line[key]; known {
			continue
		}
		l.line[key] = 1 + bytes.Count(text[:part.Raw.Offset], []byte{'\n'})
		if name, below := strings.CutPrefix(key, "plan."); below && !strings.Contains(name, ".") {
			l.plans = append(l.plans, name)
		}
	}
	return key
}

// lineOf is the line on which a key begins.
func lineOf(text []byte, parts unstable.Iterator) int {
	if !parts.Next() {
		return 1
	}
	return 1 + bytes.Count(text[:parts.Node().Raw.Offset], []byte{'\n'})
}

// of is the line of a key, else the first line.
func (l *planLines) of(key string) int {
	if line, known := l.line[key]; known {
		return line
	}
	return 1
}

// inOrder are the names of plans in the order of the file; last those that are no
// names, as one with a dot in it is none.
func (l *planLines) inOrder(plans map[string]any) []string {
	names := slices.Clone(l.plans)
	for _, name := range slices.Sorted(maps.Keys(plans)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
