package setting

import (
	"encoding"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	sizeType     = reflect.TypeFor[Size]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// scalar reports whether a value of that type is set as a whole.
func scalar(v reflect.Value) bool {
	t := v.Type()
	if t == secretType || reflect.PointerTo(t).Implements(textType) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float64, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String
	}
	return false
}

// typeName names the field's type for people.
func (f *field) typeName() string {
	switch t := f.value.Type(); {
	case f.secret:
		return "secret"
	case t == durationType:
		return "duration"
	case t == sizeType:
		return "size"
	case f.value.Kind() == reflect.Bool:
		return "true or false"
	case f.value.Kind() == reflect.Slice:
		return "list"
	case f.value.CanInt(), f.value.CanUint(), f.value.CanFloat():
		return "number"
	}
	return "text"
}

// reset gives the field its default.
func (f *field) reset() error {
	f.value.SetZero()
	if f.def == "" {
		return nil
	}
	return f.parse(f.def)
}

// parse sets the field from text. Its error does not show a secret.
func (f *field) parse(s string) error {
	err := f.parseText(s)
	if err != nil && f.secret {
		return errors.New("what it is set to cannot be used")
	}
	return err
}

func (f *field) parseText(s string) error {
	v := f.value
	switch t := v.Type(); {
	case t == secretType:
		v.Set(reflect.ValueOf(NewSecret(s)))
		return nil
	case reflect.PointerTo(t).Implements(textType):
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	case t == durationType:
		return parseDuration(v, s)
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", s)
		}
		v.SetBool(b)
	case reflect.Float64:
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return fmt.Errorf("%q is no number", s)
		}
		v.SetFloat(x)
	case reflect.Slice:
		v.Set(reflect.ValueOf(splitList(s)).Convert(v.Type()))
	default:
		return parseInteger(v, s)
	}
	return nil
}

func parseDuration(v reflect.Value, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is no duration such as 30s, 15m or 1h30m", s)
	}
	v.SetInt(int64(d))
	return nil
}

func parseInteger(v reflect.Value, s string) error {
	if v.CanUint() {
		n, err := strconv.ParseUint(s, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is no whole number from 0 that fits", s)
		}
		v.SetUint(n)
		return nil
	}
	n, err := strconv.ParseInt(s, 10, v.Type().Bits())
	if err != nil {
		return fmt.Errorf("%q is no whole number that fits", s)
	}
	v.SetInt(n)
	return nil
}

// splitList takes a list apart; empty elements are none.
func splitList(s string) []string {
	var list []string
	for element := range strings.SplitSeq(s, ",") {
		if element = strings.TrimSpace(element); element != "" {
			list = append(list, element)
		}
	}
	return list
}

// print is the field's value for people.
func (f *field) print() string {
	v := f.value
	switch {
	case f.secret && v.IsZero():
		return ""
	case f.secret && f.visible(v):
		return v.String()
	case f.secret:
		return hidden
	case v.Kind() == reflect.Slice:
		return strings.Join(v.Convert(reflect.TypeFor[[]string]()).Interface().([]string), ", ")
	case v.Type() == durationType && v.Int() == 0:
		return "0s"
	}
	return fmt.Sprint(v.Interface())
}

// visible reports whether a secret value is none: a path where a URL, which may
// have a password in it, could have stood.
func (f *field) visible(v reflect.Value) bool {
	return f.path && v.Kind() == reflect.String && !strings.Contains(v.String(), "://")
}

// holdsSecret reports whether what the field holds must not be read by others. A
// path is none, nor is an address without a password.
func (f *field) holdsSecret() bool {
	if !f.secret || !f.path || f.value.Kind() != reflect.String {
		return f.secret
	}
	if f.visible(f.value) {
		return false
	}
	u, err := url.Parse(f.value.String())
	if err != nil {
		return true // what it holds is not known
	}
	_, password := u.User.Password()
	q := u.Query()
	return password || q.Has("password") || q.Has("sslpassword")
}

// assign sets the field from a value of a TOML file.
func (f *field) assign(value any) error {
	text, isText := value.(string)
	v := f.value
	unmarshals := f.value.Type() == secretType || reflect.PointerTo(v.Type()).Implements(textType)
	switch {
	case isText && (unmarshals || v.Kind() == reflect.String || v.Type() == durationType):
		return f.parse(text)
	case isText:
		return fmt.Errorf("is a text where a %s is wanted: write it without quotes", f.typeName())
	}
	switch x := value.(type) {
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return nil
		}
	case int64:
		return f.assignNumber(x)
	case float64:
		if v.Kind() == reflect.Float64 {
			v.SetFloat(x)
			return nil
		}
	case []any:
		if v.Kind() == reflect.Slice {
			return f.assignList(x)
		}
	}
	return f.wrongType()
}

func (f *field) assignNumber(n int64) error {
	v := f.value
	switch {
	case v.Type() == durationType:
		return errors.New(`needs a unit, in quotes: "30s", "15m"`)
	case v.CanInt() && !v.OverflowInt(n):
		v.SetInt(n)
	case v.CanUint() && n >= 0 && !v.OverflowUint(uint64(n)):
		v.SetUint(uint64(n))
	case v.CanFloat():
		v.SetFloat(float64(n))
	case v.CanInt(), v.CanUint():
		return errors.New("is too large, or negative where it may not be")
	default:
		return f.wrongType()
	}
	return nil
}

func (f *field) assignList(list []any) error {
	texts := make([]string, len(list))
	for i, element := range list {
		text, ok := element.(string)
		if !ok {
			return errors.New("is a list of something else than texts")
		}
		texts[i] = text
	}
	f.value.Set(reflect.ValueOf(texts).Convert(f.value.Type()))
	return nil
}

func (f *field) wrongType() error {
	switch name := f.typeName(); name {
	case "text", "secret", "duration", "size":
		return errors.New("is no text: write it in quotes")
	case "list":
		return errors.New(`is no list: write ["one", "two"]`)
	default:
		return fmt.Errorf("is no %s", name)
	}
}
