package setting

import (
	"fmt"
	"reflect"
	"slices"
)

// shape is a struct taken apart.
type shape struct {
	fields []*field
	tables []string // keys of nested structs
	named  []*named
}

// field is one setting of a struct.
type field struct {
	key, env, flag, def, unset, help string
	secret, path, noFile             bool
	value                            reflect.Value
	from                             string
}

// named is a map of tables.
type named struct {
	key   string
	value reflect.Value // the map
}

var secretType = reflect.TypeFor[Secret]()

// shapeOf takes apart what v points to.
func shapeOf(v reflect.Value) (*shape, error) {
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("setting: %v is no pointer to a struct", v.Type())
	}
	s := &shape{}
	return s, s.collect(v.Elem(), "")
}

func (s *shape) collect(v reflect.Value, prefix string) error {
	for i := range v.NumField() {
		t := v.Type().Field(i)
		name, ok := t.Tag.Lookup("setting")
		if !ok {
			continue
		}
		if name == "" || !t.IsExported() {
			return fmt.Errorf("setting: field %s has no name or is not exported", t.Name)
		}
		if err := s.add(v.Field(i), t, prefix+name); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) add(v reflect.Value, t reflect.StructField, key string) error {
	if s.field(key) != nil || slices.Contains(s.tables, key) || s.namedTables(key) != nil {
		return fmt.Errorf("setting: there are two settings %s", key)
	}
	switch {
	case scalar(v):
		s.fields = append(s.fields, &field{
			key: key, env: t.Tag.Get("env"), flag: t.Tag.Get("flag"), def: t.Tag.Get("default"),
			unset: t.Tag.Get("unset"), help: t.Tag.Get("help"),
			secret: t.Tag.Get("secret") == "true" || t.Tag.Get("secret") == "url" || t.Type == secretType,
			path:   t.Tag.Get("secret") == "url",
			noFile: t.Tag.Get("file") == "false", value: v,
		})
	case v.Kind() == reflect.Struct:
		s.tables = append(s.tables, key)
		return s.collect(v, key+".")
	case v.Kind() == reflect.Map && t.Type.Key().Kind() == reflect.String && t.Type.Elem().Kind() == reflect.Struct:
		s.named = append(s.named, &named{key: key, value: v})
	default:
		return fmt.Errorf("setting: %s has type %v, which is none that a setting may have", key, t.Type)
	}
	return nil
}

func (s *shape) field(key string) *field {
	for _, f := range s.fields {
		if f.key == key {
			return f
		}
	}
	return nil
}

func (s *shape) namedTables(key string) *named {
	for _, n := range s.named {
		if n.key == key {
			return n
		}
	}
	return nil
}

// keys are all that may stand in a file, for the search of the nearest.
func (s *shape) keys() []string {
	keys := slices.Clone(s.tables)
	for _, f := range s.fields {
		if !f.noFile {
			keys = append(keys, f.key)
		}
	}
	for _, n := range s.named {
		keys = append(keys, n.key)
	}
	return keys
}

// entry makes a table of that name; store puts it into the map.
func (n *named) entry(name string) (*namedEntry, error) {
	pointer := reflect.New(n.value.Type().Elem())
	e := &namedEntry{pointer: pointer, of: n, name: name}
	return e, e.collect(pointer.Elem(), n.key+"."+name+".")
}

type namedEntry struct {
	shape
	pointer reflect.Value
	of      *named
	name    string
}

func (e *namedEntry) store() {
	if e.of.value.IsNil() {
		e.of.value.Set(reflect.MakeMap(e.of.value.Type()))
	}
	e.of.value.SetMapIndex(reflect.ValueOf(e.name).Convert(e.of.value.Type().Key()), e.pointer.Elem())
}
