package jsonscan

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

var documents = []string{
	``, ` `, `{}`, `[]`, `null`, `true`, `false`, `""`, `0`, "\t[1 ,\r\n2 ] ", `{"a":1}{`, `[1]]`, `1 2`, `{} x`, "{}\x00", "\u00a0{}",
	`{`, `[`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `[1,]`, `[,]`, `[1 2]`, `{"a" 1}`, `{a:1}`, `{"a":1 "b":2}`, `{1:2}`, `[}`, `{]`,
	`nul`, `nulls`, `True`, `tru`, `fals`, `[nulltrue]`, `{"a":null,"b":[null,{}]}`,
	`-0`, `-`, `01`, `1.`, `.5`, `1.5`, `1e`, `1e+`, `1E-5`, `+1`, `0x1`, `1_0`, `99999999999999999999`, `-9223372036854775808`,
	`"a`, `"\`, `"\"`, `"\\"`, `"\/\b\f\n\r\t\""`, `"\a"`, `"\'"`, `"\u"`, `"\u12"`, `"\u12G4"`, `"\u00e9\u00E9"`, `"\u0000"`, "\"a\x00b\"", "\"\n\"", "\"\x7f\"", "\"\x1f\"",
	`"\ud83d\ude42"`, `"\ud83d"`, `"\ude42"`, `"\ud83d\ud83d\ude42"`, `"\ud83d\u0041"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ud83d\u12"`,
	"\"\xff\xfe\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\u65e5\u672c \U0001f642\"", "\"12345678\xff\"", `"1234567\n1234567\\"`,
	`{"\u0061":1,"a":2,"A":3}`, "{\"\xff\":1}", `{"a":{"b":[{"c":[[]]}]}}`,
	strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
	strings.Repeat(`{"a":`, 10001) + "1" + strings.Repeat("}", 10001),
}

// FuzzAgainstEncodingJSON: a Scanner takes what encoding/json takes, read or
// skipped, and reads the same out of it.
func FuzzAgainstEncodingJSON(f *testing.F) {
	for _, d := range documents {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		valid := json.Valid(data)

		var s Scanner
		s.Reset(data)
		s.Skip()
		if s.Whole() != valid {
			t.Fatalf("skipped: %v, valid: %v", s.Whole(), valid)
		}
		for _, whole := range []string{"[%]", `{"k":%}`, "[%,1]", `{"k":% ,"l":0}`} {
			wrapped := []byte(strings.ReplaceAll(whole, "%", string(data)))
			s.Reset(wrapped)
			if s.Skip(); s.Whole() != json.Valid(wrapped) {
				t.Fatalf("skipped %q: %v", wrapped, s.Whole())
			}
		}

		s.Reset(data)
		got := read(&s)
		if s.Whole() != valid {
			t.Fatalf("read: %v, valid: %v", s.Whole(), valid)
		}
		if !valid {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, integers(want)) {
			t.Errorf("read %#v, want %#v", got, want)
		}
		if !bytes.Equal(data, before) {
			t.Error("the data changed")
		}
	})
}

// read reads any value: integers as int, other numbers as nil.
func read(s *Scanner) any {
	switch c := s.peek(); c {
	case '{':
		object := map[string]any{}
		for s.Object(); s.Member(); {
			key := string(s.Key())
			object[key] = read(s)
		}
		return object
	case '[':
		array := []any{}
		for s.Array(); s.Element(); {
			array = append(array, read(s))
		}
		return array
	case '"':
		var text string
		s.String(&text)
		return text
	case 't', 'f':
		is := c == 'f'
		s.Bool(&is)
		return is
	case 'n':
		s.Null()
		return nil
	}
	ahead := *s
	var n int
	if ahead.Int(&n); ahead.ok {
		s.Int(&n)
		return n
	}
	s.Skip()
	return nil
}

// integers makes what encoding/json has read what read reads.
func integers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = integers(member)
		}
	case []any:
		for i, element := range v {
			v[i] = integers(element)
		}
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		return nil
	}
	return v
}

func TestNullLeavesThingsAsTheyAre(t *testing.T) {
	t.Parallel()
	text, word, n, is := "a", "b", 3, true
	var s Scanner
	s.Reset([]byte(`[null,null,null,null,null,null]`))
	for s.Array(); s.Element(); {
		s.String(&text)
		s.Element()
		s.Word(&word)
		s.Element()
		s.Int(&n)
		s.Element()
		s.Bool(&is)
		s.Element()
		for s.Object(); s.Member(); {
			t.Error("a member of null")
		}
		s.Element()
		for s.Array(); s.Element(); {
			t.Error("an element of null")
		}
	}
	if !s.Whole() || text != "a" || word != "b" || n != 3 || !is {
		t.Errorf("whole %v: %q, %q, %d, %v", s.Whole(), text, word, n, is)
	}
}

func TestTheWrongKindFailsForGood(t *testing.T) {
	t.Parallel()
	readers := map[string]func(*Scanner){
		"string": func(s *Scanner) { s.String(new(string)) },
		"word":   func(s *Scanner) { s.Word(new(string), "a") },
		"int":    func(s *Scanner) { s.Int(new(int)) },
		"bool":   func(s *Scanner) { s.Bool(new(bool)) },
		"object": (*Scanner).Object,
		"array":  (*Scanner).Array,
	}
	for kind, doc := range map[string]string{"string": `"a"`, "int": `1`, "bool": `true`, "object": `{}`, "array": `[]`} {
		for wanted, read := range readers {
			if wanted == kind || wanted == "word" && kind == "string" {
				continue
			}
			var s Scanner
			s.Reset([]byte(doc))
			if read(&s); s.Whole() || s.Member() || s.Element() || s.Null() {
				t.Errorf("%s: %s was read", wanted, doc)
			}
		}
	}
	for _, number := range []string{"1.0", "1e3", "99999999999999999999"} {
		var s Scanner
		s.Reset([]byte(number))
		if s.Int(new(int)); s.Whole() {
			t.Errorf("%s is an integer", number)
		}
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{`"a"`: "a", `"b"`: "b", `"\u0062"`: "b", `"c"`: "c", `""`: ""} {
		word := "before"
		var s Scanner
		s.Reset([]byte(doc))
		if s.Word(&word, "a", "b"); word != want || !s.Whole() {
			t.Errorf("%s: %q, want %q", doc, word, want)
		}
	}
}

func TestTheZeroScannerIsFailed(t *testing.T) {
	t.Parallel()
	var s Scanner
	if s.Skip(); s.Whole() {
		t.Error("nothing is a value")
	}
}

func TestScratchIsLetGo(t *testing.T) {
	t.Parallel()
	var s Scanner
	s.Reset([]byte(`"\n` + strings.Repeat("x", 2*keepScratch) + `"`))
	s.Skip()
	s.Reset([]byte(`"\n` + strings.Repeat("x", 2*keepScratch) + `"`))
	s.String(new(string))
	if s.Reset(nil); cap(s.scratch) > keepScratch {
		t.Errorf("%d bytes are kept", cap(s.scratch))
	}
}

var chunk = []byte(`{"id":"chatcmpl-B1","object":"chat.completion.chunk","created":1790000000,"model":"gpt","choices":[{"index":0,"delta":{"content":" word\n"},"logprobs":null,"finish_reason":null}]}`)

func TestNoAllocationButForStrings(t *testing.T) {
	var s Scanner
	text, escaped := "before", []byte(`"\u0041b"`)
	scan := func() {
		s.Reset(chunk)
		if s.Skip(); !s.Whole() {
			t.Fatal("refused")
		}
		s.Reset(escaped)
		s.String(&text)
	}
	if n := testing.AllocsPerRun(100, scan); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSkip(b *testing.B) {
	var s Scanner
	b.ReportAllocs()
	b.SetBytes(int64(len(chunk)))
	for b.Loop() {
		s.Reset(chunk)
		if s.Skip(); !s.Whole() {
			b.Fatal("refused")
		}
	}
}
