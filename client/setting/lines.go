package setting

import (
	"bytes"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lineNumbers says on which line each key of a TOML document stands first, by
// its dotted name. The library's decoder does not tell, its parser does; the
// document has been decoded before and is known to be good.
func lineNumbers(data []byte) map[string]int {
	l := lines{data: data, of: map[string]int{}}
	l.parser.Reset(data)
	prefix := ""
	for l.parser.NextExpression() {
		switch e := l.parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = l.note("", e.Key()) + "."
		case unstable.KeyValue:
			l.keyValue(prefix, e)
		default: // a comment
		}
	}
	return l.of
}

type lines struct {
	parser unstable.Parser
	data   []byte
	of     map[string]int
}

func (l *lines) keyValue(prefix string, e *unstable.Node) {
	key := l.note(prefix, e.Key())
	if e.Value().Kind != unstable.InlineTable {
		return
	}
	for children := e.Value().Children(); children.Next(); {
		if child := children.Node(); child.Kind == unstable.KeyValue {
			l.keyValue(key+".", child)
		}
	}
}

// note notes every part of a dotted key, and returns the whole.
func (l *lines) note(prefix string, parts unstable.Iterator) string {
	key := prefix
	for parts.Next() {
		part := parts.Node()
		if key != prefix {
			key += "."
		}
		key += string(part.Data)
		if _, ok := l.of[key]; !ok {
			l.of[key] = 1 + bytes.Count(l.data[:part.Raw.Offset], []byte{'\n'})
		}
	}
	return key
}
