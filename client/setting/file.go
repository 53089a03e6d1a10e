package setting

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxFile is how large a settings file may be, in bytes.
const maxFile = 4 << 20

// tomlFile is a file being taken over.
type tomlFile struct {
	*loader
	path   string
	lines  map[string]int
	secret string // the first secret that stands in the file itself
}

func (l *loader) readFile() {
	info, err := os.Stat(l.from.File)
	if err != nil {
		if l.from.Required || !errors.Is(err, fs.ErrNotExist) {
			l.fail(l.from.File, "", reason(err))
		}
		return
	}
	if info.Size() > maxFile {
		l.fail(l.from.File, "", fmt.Sprintf("is larger than %d MiB", maxFile>>20))
		return
	}
	data, err := os.ReadFile(l.from.File)
	if err != nil {
		l.fail(l.from.File, "", reason(err))
		return
	}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		l.syntax(err)
		return
	}
	f := &tomlFile{loader: l, path: l.from.File, lines: lineNumbers(data)}
	f.table(l.shape, "", tree)
	if f.secret != "" {
		if warning, err := checkMode(info, f.path); err != nil || warning != "" {
			l.warnings = append(l.warnings, fmt.Sprintf("%s holds the secret %s and is open to others: chmod 600 it", f.path, f.secret))
		}
	}
}

// syntax reports a file that is no TOML.
func (l *loader) syntax(err error) {
	where := l.from.File
	if syntax, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := syntax.Position()
		where = fmt.Sprintf("%s:%d:%d", where, line, column)
	}
	l.fail(where, "", strings.TrimPrefix(err.Error(), "toml: "))
}

// reason is a file error without the path, which stands before it anyway.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// table takes over what stands in a table, in the order of keys.
func (f *tomlFile) table(s *shape, prefix string, tree map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		key, value := prefix+name, tree[name]
		sub, isTable := value.(map[string]any)
		n := s.namedTables(key)
		switch {
		case s.field(key) != nil:
			f.assign(s.field(key), key, value)
		case slices.Contains(s.tables, key) && isTable:
			f.table(s, key+".", sub)
		case n != nil && isTable:
			f.names(n, sub)
		case slices.Contains(s.tables, key) || n != nil:
			f.fail(f.where(key), key, "is a table: write ["+key+"]")
		case f.secretFile(s, key, value):
		default:
			f.unknown(s, key)
		}
	}
}

func (f *tomlFile) assign(to *field, key string, value any) {
	if to.noFile {
		f.fail(f.where(key), key, "is not set in the file but by "+to.env)
		return
	}
	if err := to.assign(value); err != nil {
		f.fail(f.where(key), key, err.Error())
		return
	}
	to.from = f.where(key)
	if to.holdsSecret() && f.secret == "" {
		f.secret = key
	}
}

// secretFile takes over name_file where name is a secret.
func (f *tomlFile) secretFile(s *shape, key string, value any) bool {
	name, ok := strings.CutSuffix(key, "_file")
	to := s.field(name)
	if !ok || to == nil || !to.secret || to.noFile {
		return false
	}
	path, isText := value.(string)
	switch {
	case !isText || path == "":
		f.fail(f.where(key), key, "is no path")
	case to.from != "":
		f.fail(f.where(key), key, name+" is set too: only one of them may be")
	default:
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(f.path), path)
		}
		f.setFromFile(to, f.where(key), path)
	}
	return true
}

// names takes over the tables of a map.
func (f *tomlFile) names(n *named, tree map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		key := n.key + "." + name
		sub, isTable := tree[name].(map[string]any)
		if !isTable {
			f.fail(f.where(key), key, "is no table: write ["+n.key+".NAME]")
			continue
		}
		entry, err := n.entry(name)
		if err != nil {
			f.fail(f.where(key), key, err.Error())
			continue
		}
		f.defaults(entry.fields)
		f.table(&entry.shape, key+".", sub)
		entry.store()
		f.shape.fields = append(f.shape.fields, entry.fields...)
	}
}

func (f *tomlFile) unknown(s *shape, key string) {
	why := "there is no such setting"
	if near := nearest(key, s.keys()); near != "" {
		why += fmt.Sprintf("; did you mean %s?", near)
	}
	f.fail(f.where(key), key, why)
}

// where is the file and line of a key.
func (f *tomlFile) where(key string) string {
	if line := f.lines[key]; line > 0 {
		return fmt.Sprintf("%s:%d", f.path, line)
	}
	return f.path
}
