package upstreamtest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// FuzzShape holds a Shape to its promise: what its Scan reads is what
// encoding/json would have read, keys in another case apart, and nothing is left
// from before after Reset. It begins with the data of the recorded streams that
// match the pattern.
func FuzzShape(f *testing.F, recordings string, fresh func() upstream.Shape) {
	for _, line := range dataLines(f, recordings) {
		f.Add(line)
	}
	keys := keysOf(reflect.TypeOf(fresh()), map[reflect.Type]bool{})
	used := fresh()
	f.Fuzz(func(t *testing.T, data []byte) {
		var s jsonscan.Scanner
		s.Reset(data)
		used.Reset()
		if used.Scan(&s); !s.Whole() || otherCase(data, keys) {
			return // encoding/json's own; or the difference that is meant
		}
		want := fresh()
		if err := json.Unmarshal(data, want); err != nil {
			t.Fatalf("scanned in spite of %v", err)
		}
		if got, want := image(t, used), image(t, want); got != want {
			t.Errorf("scanned  %s\ndecoded %s", got, want)
		}
	})
}

// OneAllocation asserts that the event is one for Scan, and that all it costs to
// read it again and again is the one string that is kept. It must not run in
// parallel with other tests.
func OneAllocation(t *testing.T, into upstream.Shape, event string) {
	t.Helper()
	data := []byte(event)
	var s jsonscan.Scanner
	n := testing.AllocsPerRun(100, func() {
		into.Reset()
		s.Reset(data)
		if into.Scan(&s); !s.Whole() {
			t.Fatalf("%s is not scanned", event)
		}
	})
	if n != 1 {
		t.Errorf("%v allocations for %s", n, event)
	}
}

// dataLines is the data of all events in the files.
func dataLines(f *testing.F, pattern string) (lines [][]byte) {
	f.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no recordings: %v", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
				lines = append(lines, bytes.TrimSpace(data))
			}
		}
	}
	return lines
}

// image is all that a Shape holds; empty and missing lists look alike.
func image(t *testing.T, v upstream.Shape) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "null", "[]")
}

// keysOf is the keys of a struct and of what it holds.
func keysOf(of reflect.Type, seen map[reflect.Type]bool) (keys []string) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || seen[of] {
		return nil
	}
	seen[of] = true
	for field := range of.Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); key != "" {
			keys = append(keys, key)
			keys = append(keys, keysOf(field.Type, seen)...)
		}
	}
	return keys
}

// otherCase reports whether a string in data is one of the keys but for its
// case.
func otherCase(data []byte, keys []string) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := dec.Token()
		if err != nil {
			return false // at the end; data is valid
		}
		text, _ := token.(string)
		for _, key := range keys {
			if text != key && strings.EqualFold(text, key) {
				return true
			}
		}
	}
}
