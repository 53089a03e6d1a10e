package quota

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// planTable is a table of the file, a plan's or a limit's. Its settings are read by
// their kinds; one of another kind is a mistake, which says how it is written, and
// reads as if it were left out.
type planTable struct {
	*planReader
	at string // its dotted name, as lines have it
	in map[string]any
}

// line is that of the first of some settings that the table has, else its own.
func (t planTable) line(keys ...string) int {
	for _, key := range keys {
		if t.has(key) {
			return t.lines.of(t.at + "." + key)
		}
	}
	return t.lines.of(t.at)
}

func (t planTable) has(key string) bool {
	_, there := t.in[key]
	return there
}

// known finds settings that there are not.
func (t planTable) known(what string, settings []string) {
	for _, key := range slices.Sorted(maps.Keys(t.in)) {
		if !slices.Contains(settings, key) {
			t.mistake(t.line(key), "%s is no setting of %s: there are %s", key, what, strings.Join(settings, ", "))
		}
	}
}

// isText reports whether a setting is a text, or left out.
func (t planTable) isText(key string) bool {
	_, ok := t.in[key].(string)
	return ok || !t.has(key)
}

// text is a setting that is one; like shows how it is written.
func (t planTable) text(key, like string) string {
	text, _ := t.in[key].(string)
	if !t.isText(key) {
		t.mistake(t.line(key), "%s is a text, in quotes, such as %s = %q", key, key, like)
	}
	return text
}

// truth is a setting that is true or false; left out, usual.
func (t planTable) truth(key string, usual bool) bool {
	value, ok := t.in[key].(bool)
	switch {
	case ok:
		return value
	case t.has(key):
		t.mistake(t.line(key), "%s is true or false, without quotes, such as %s = %v", key, key, !usual)
	}
	return usual
}

// texts is a list of texts; like shows how one is written.
func (t planTable) texts(key, like string) (all []string) {
	switch value := t.in[key].(type) {
	case nil:
	case string:
		t.mistake(t.line(key), "%s is a list, in brackets: %s = [%q]", key, key, value)
	case []any:
		for _, v := range value {
			text, ok := v.(string)
			if !ok {
				t.mistake(t.line(key), "%s is a list of texts, such as %s = [%q], and has %v in it", key, key, like, v)
				continue
			}
			all = append(all, text)
		}
	default:
		t.mistake(t.line(key), "%s is a list of texts, such as %s = [%q]", key, key, like)
	}
	return all
}

// whole is a whole number; 0 where it is none.
func (t planTable) whole(key string) int64 {
	switch value := t.in[key].(type) {
	case nil:
	case int64:
		return value
	case string:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			t.mistake(t.line(key), "%s is a number, without quotes: %s = %d", key, key, n)
			break
		}
		t.mistake(t.line(key), "%s is a whole number, such as %s = 100, and is %q", key, key, value)
	case float64:
		t.mistake(t.line(key), "%s is a whole number, such as %s = 100, and is %v", key, key, value)
	default:
		t.mistake(t.line(key), "%s is a whole number, such as %s = 100", key, key)
	}
	return 0
}

// positive is a whole number above nothing; 0 where it is left out.
func (t planTable) positive(key string) int64 {
	before := len(t.mistakes)
	n := t.whole(key)
	if t.has(key) && n < 1 && len(t.mistakes) == before {
		t.mistake(t.line(key), "%s must be at least 1; leave it out for no limit", key)
	}
	return n
}

// dollars are micro-dollars, of a text: a number of TOML would not be exact.
func (t planTable) dollars(key string) int64 {
	text := fmt.Sprint(t.in[key])
	most, ok := parseUSD(text)
	_, quoted := t.in[key].(string)
	switch {
	case ok && quoted:
		return most
	case ok:
		t.mistake(t.line(key), "%s is dollars, in quotes: %s = %q", key, key, text)
	default:
		t.mistake(t.line(key), `%s is dollars, in quotes, such as %s = "2.50", with at most 6 digits behind the point, and is %s`, key, key, text)
	}
	return 0
}

// tables are a list of tables.
func (t planTable) tables(key string) (all []planTable) {
	if !t.has(key) {
		return nil
	}
	list, ok := t.in[key].([]any)
	for i, v := range list {
		in, is := v.(map[string]any)
		if ok = ok && is; ok {
			all = append(all, planTable{t.planReader, fmt.Sprintf("%s.%s[%d]", t.at, key, i), in})
		}
	}
	if !ok {
		t.mistake(t.line(key), "a limit begins with a line in double brackets: [[%s.%s]]", t.at, key)
	}
	return all
}
