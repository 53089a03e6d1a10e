package sse_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire/sse"
)

func TestAppendEvent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ id, name, data, wire, back string }{
		{"", "", "hi", "data: hi\n\n", "hi"},
		{"7", "delta", "{}", "id: 7\nevent: delta\ndata: {}\n\n", "{}"},
		{"", "", "", "data: \n\n", ""},
		{"", "", " a", "data:  a\n\n", " a"},
		{"", "", "a\nb\r\nc\rd\n", "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n", "a\nb\nc\nd\n"},
		{"1\n2", "x\r\ndata: forged\x00", "a", "id: 12\nevent: xdata: forged\ndata: a\n\n", "a"},
	} {
		out := sse.AppendEvent(nil, tc.id, tc.name, []byte(tc.data))
		if string(out) != tc.wire {
			t.Errorf("wrote %q, want %q", out, tc.wire)
		}
		events, _ := readAll(sse.NewReader(bytes.NewReader(out), 0))
		if len(events) != 1 || events[0].Data != tc.back {
			t.Errorf("%q reads back as %+v", out, events)
		}
	}
}

func TestAppendCommentAndRetry(t *testing.T) {
	t.Parallel()
	out := sse.AppendComment(nil, "beat\ndata: forged")
	out = sse.AppendRetry(out, 2*time.Second)
	out = sse.AppendEvent(out, "", "", []byte("1"))
	if want := ": beat\n\nretry: 2000\n\ndata: 1\n\n"; string(out) != want {
		t.Fatalf("wrote %q, want %q", out, want)
	}
	events, _ := readAll(sse.NewReader(bytes.NewReader(out), 0))
	if len(events) != 1 || events[0].Retry != 2*time.Second {
		t.Errorf("reads back as %+v", events)
	}
}
