package httpapi

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/aichat-term/aichat/server/fault"
)

// decode parses a JSON body into v. Fields that v does not know are ignored: a
// client may be newer. Its errors name the place and what was expected there,
// never what was found.
func decode(raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	if err == nil {
		return nil
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return &fault.Error{Kind: fault.Invalid, Subject: wrong.Field,
			Message: wrong.Field + " must be " + expected(wrong.Type) + "."}
	}
	if len(raw) == 0 {
		return fault.New(fault.Invalid, "The request needs a body: a JSON object.")
	}
	return fault.New(fault.Invalid, "The request's body is not the JSON that belongs here.")
}

func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number within 64 bits"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a string"
}
