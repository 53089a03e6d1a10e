package sse_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/iotest"

	"github.com/aichat-term/aichat/client/wire/sse"
)

// FuzzReader holds the Reader to three promises on any input: how the bytes
// are chunked does not matter, no event is over the limit, and nothing panics.
func FuzzReader(f *testing.F) {
	for _, tc := range streams {
		if len(tc.in) < 1000 {
			f.Add([]byte(tc.in), uint16(0), true)
		}
	}
	f.Add([]byte("data: 123456789\n\n"), uint16(4), false)
	f.Fuzz(func(t *testing.T, in []byte, limit uint16, comments bool) {
		read := func(r *sse.Reader) string {
			r.Comments = comments
			events, err := readAll(r)
			for _, ev := range events {
				if limit > 0 && len(ev.Data) > int(limit) {
					t.Errorf("an event of %d bytes over the limit of %d", len(ev.Data), limit)
				}
			}
			return fmt.Sprintf("%+v %v", events, err)
		}
		whole := read(sse.NewReader(bytes.NewReader(in), int(limit)))
		single := read(sse.NewReader(iotest.OneByteReader(bytes.NewReader(in)), int(limit)))
		if whole != single {
			t.Errorf("whole: %s\nsingle bytes: %s", whole, single)
		}
	})
}

// FuzzAppendEvent: whatever is written reads back as one event.
func FuzzAppendEvent(f *testing.F) {
	f.Add("1", "delta", []byte("{}"))
	f.Add("", "", []byte("a\r\nb\rc\n\n"))
	f.Add("\n\ndata: x", "\r", []byte{})
	f.Fuzz(func(t *testing.T, id, name string, data []byte) {
		out := sse.AppendEvent(nil, id, name, data)
		events, err := readAll(sse.NewReader(bytes.NewReader(out), 0))
		if errors.As(err, new(*sse.LimitError)) {
			return
		}
		unix := bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
		if len(events) != 1 || !reflect.DeepEqual([]byte(events[0].Data), append([]byte{}, unix...)) {
			t.Errorf("%q reads back as %+v", out, events)
		}
	})
}
