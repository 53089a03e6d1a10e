package client

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
)

// checkText looks at every string of a request. Encoding to JSON would change
// invalid UTF-8 without a word, and no store keeps a NUL.
func checkText(body any) error {
	at, ok := badText(reflect.ValueOf(body), "")
	if !ok {
		return nil
	}
	return &Error{wire.Problem{
		Title:   "Invalid text",
		Status:  http.StatusBadRequest,
		Code:    wire.TextInvalid,
		Subject: at,
		Detail:  fmt.Sprintf("%s holds bytes that are not valid UTF-8, or a NUL; nothing was sent.", at),
	}}
}

// badText finds the first string in v that is no text, by its JSON path.
func badText(v reflect.Value, at string) (path string, found bool) {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		return at, !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return badText(v.Elem(), at)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if path, found := badText(v.Index(i), fmt.Sprintf("%s[%d]", at, i)); found {
				return path, true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if path, found := badText(v.Field(i), below(at, v.Type().Field(i))); found {
				return path, true
			}
		}
	}
	return "", false
}

func below(at string, f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		name = f.Name
	}
	if at == "" {
		return name
	}
	return at + "." + name
}
