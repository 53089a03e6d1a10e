package setting

import (
	"cmp"
	"errors"
	"os"
	"reflect"
)

// Setting describes one setting.
type Setting struct {
	Key     string // in the file, such as "limit.body"
	Env     string // variable; empty: none
	Flag    string // without dashes; empty: none
	Type    string // for people: "text", "duration" and so on
	Default string // as written in the tag
	Unset   string // what holds where it has no value and no default; empty: nothing does
	Help    string
	Secret  bool
	Value   string // as it is now; never a secret's
	From    string // where Value came from: see Loaded.Where
}

// Sources are where settings come from. The zero Sources are the environment
// alone.
type Sources struct {
	// File is the path of a TOML file; empty is none. One that does not exist
	// is as good as an empty one, unless Required.
	File     string
	Required bool

	// Env looks a variable up; nil is os.LookupEnv.
	Env func(name string) (string, bool)

	// Flag looks up what a flag was set to, if it was given; nil is no flags.
	Flag func(name string) (string, bool)
}

// Loaded is what Load found.
type Loaded struct {
	Settings []Setting // in the struct's order, named tables' by name
	Warnings []string  // sentences worth showing to an operator
}

// Where says where the setting of that key came from: "default",
// "FILE:LINE", "env NAME", "env NAME_FILE" or "flag --name". It is empty for a
// key that there is not.
func (l *Loaded) Where(key string) string {
	for _, s := range l.Settings {
		if s.Key == key {
			return s.From
		}
	}
	return ""
}

// Error is a setting that cannot be used. Load returns all of them, joined.
type Error struct {
	Where  string // as Loaded.Where
	Key    string // empty: the file as a whole
	Reason string
}

func (e *Error) Error() string {
	if e.Key == "" {
		return e.Where + ": " + e.Reason
	}
	return e.Where + ": " + e.Key + ": " + e.Reason
}

const fromDefault = "default"

// Load fills the struct that cfg points to, and replaces what it held. Its
// error joins an *Error for each thing wrong; then cfg is of no use, but Loaded
// is.
func Load(cfg any, from Sources) (*Loaded, error) {
	l := loader{from: from, lookup: from.Env}
	if l.lookup == nil {
		l.lookup = os.LookupEnv
	}
	shape, err := shapeOf(reflect.ValueOf(cfg))
	if err != nil {
		return &Loaded{}, err
	}
	l.shape = shape
	for _, n := range shape.named {
		n.value.SetZero()
	}
	l.defaults(shape.fields)
	if from.File != "" {
		l.readFile()
	}
	l.readEnv()
	l.readFlags()
	loaded := &Loaded{Warnings: l.warnings}
	for _, f := range l.shape.fields {
		loaded.Settings = append(loaded.Settings, f.describe())
	}
	return loaded, errors.Join(l.errs...)
}

// Describe lists the settings of the struct that cfg points to, with its present
// values and no sources; a named table's once, under NAME. It is for
// documentation and for making flags.
func Describe(cfg any) ([]Setting, error) {
	shape, err := shapeOf(reflect.ValueOf(cfg))
	if err != nil {
		return nil, err
	}
	fields := shape.fields
	for _, n := range shape.named {
		entry, err := n.entry("NAME")
		if err != nil {
			return nil, err
		}
		fields = append(fields, entry.fields...)
	}
	var all []Setting
	for _, f := range fields {
		s := f.describe()
		s.From = ""
		all = append(all, s)
	}
	return all, nil
}

// loader is one call of Load.
type loader struct {
	from     Sources
	lookup   func(string) (string, bool)
	shape    *shape
	errs     []error
	warnings []string
}

func (l *loader) fail(where, key, reason string) {
	l.errs = append(l.errs, &Error{Where: where, Key: key, Reason: reason})
}

func (l *loader) defaults(fields []*field) {
	for _, f := range fields {
		if err := f.reset(); err != nil {
			l.fail("the program's own default", f.key, err.Error())
		}
	}
}

func (l *loader) readEnv() {
	for _, f := range l.shape.fields {
		if f.env == "" {
			continue
		}
		value, _ := l.lookup(f.env)
		path := ""
		if f.secret {
			path, _ = l.lookup(f.env + "_FILE")
		}
		switch {
		case value != "" && path != "":
			l.fail("env "+f.env, f.key, f.env+"_FILE is set too: only one of them may be")
		case value != "":
			l.set(f, "env "+f.env, value)
		case path != "":
			l.setFromFile(f, "env "+f.env+"_FILE", path)
		}
	}
}

func (l *loader) readFlags() {
	if l.from.Flag == nil {
		return
	}
	for _, f := range l.shape.fields {
		if f.flag == "" {
			continue
		}
		if value, given := l.from.Flag(f.flag); given {
			l.set(f, "flag --"+f.flag, value)
		}
	}
}

// set sets a field from text.
func (l *loader) set(f *field, where, value string) {
	if err := f.parse(value); err != nil {
		l.fail(where, f.key, err.Error())
		return
	}
	f.from = where
}

func (l *loader) setFromFile(f *field, where, path string) {
	value, warning, err := readSecret(path)
	if err != nil {
		l.fail(where, f.key, err.Error())
		return
	}
	if warning != "" {
		l.warnings = append(l.warnings, where+": "+warning)
	}
	l.set(f, where, value)
	if secret, ok := reflect.TypeAssert[*Secret](f.value.Addr()); ok && f.from == where {
		secret.file = path
	}
}

// describe says how the field stands.
func (f *field) describe() Setting {
	return Setting{
		Key: f.key, Env: f.env, Flag: f.flag, Type: f.typeName(), Default: f.def, Unset: f.unset, Help: f.help,
		Secret: f.secret, Value: f.print(), From: cmp.Or(f.from, fromDefault),
	}
}
