package httpapi

import (
	"encoding/json"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
)

func TestCheckText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		refused    bool
	}{
		{"plain", `{"a":"b"}`, false},
		{"letters of all kinds", `{"a":"é日🎉"}`, false},
		{"escapes", `{"a":"\n\t\"\\\/\u00e9"}`, false},
		{"a pair", `{"a":"\ud83c\udf89"}`, false},
		{"a backslash before u0000", `{"a":"\\u0000"}`, false},
		{"an escaped backslash, then a NUL", `{"a":"\\\u0000"}`, true},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", true},
		{"a character cut off", "{\"a\":\"\xc3\"}", true},
		{"a raw NUL", "{\"a\":\"\x00\"}", true},
		{"an escaped NUL", `{"a":"x\u0000y"}`, true},
		{"a high half", `{"a":"\ud83c"}`, true},
		{"a high half and a letter", `{"a":"\ud83c\u0041"}`, true},
		{"a low half", `{"a":"\udf89"}`, true},
		{"two high halves", `{"a":"\ud83c\ud83c\udf89"}`, true},
		{"a broken escape", `{"a":"\u00"}`, false},
		{"a backslash at the end", `{"a":"\`, false},
	} {
		err := checkText([]byte(tc.body))
		if fault.Is(err, fault.TextInvalid) != tc.refused {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// What passes comes out of the decoder as it was meant: nothing is replaced.
func FuzzCheckText(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\ud83c\udf89"`, `"\\ud83c"`, `"\ud83c"`, `"\u0000"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s string
		if checkText(raw) != nil || json.Unmarshal(raw, &s) != nil {
			return
		}
		for _, r := range s {
			if r == 0 {
				t.Fatalf("%q holds a NUL", raw)
			}
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(again, &back); err != nil || back != s {
			t.Fatalf("%q is %q, then %q", raw, s, back)
		}
	})
}
