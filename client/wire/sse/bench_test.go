package sse_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire/sse"
)

// endless repeats its text for ever.
type endless struct {
	text string
	pos  int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c := copy(p[n:], e.text[e.pos:])
		n += c
		e.pos = (e.pos + c) % len(e.text)
	}
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	for name, ev := range map[string]string{
		"delta-130B": "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" word\"}}\n\n",
		"line-1MiB":  "data: " + strings.Repeat("x", 1<<20) + "\n\n",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(ev)))
			b.ReportAllocs()
			r := sse.NewReader(&endless{text: ev}, 0)
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	data := []byte(`{"turn":"0197a2c4","text":" word"}`)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = sse.AppendEvent(buf[:0], "1234", "delta", data)
	}
	_, _ = io.Copy(io.Discard, bytes.NewReader(buf))
}
