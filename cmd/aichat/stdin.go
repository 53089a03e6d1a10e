package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// silence is how long an open pipe may say nothing before the user is told that
// it is being waited for.
const silence = 2 * time.Second

// readInput reads all of a pipe or a file. Where nothing at all comes for a
// while, remark is called once: an open pipe that somebody forgot would
// otherwise look like a program that hangs. It reads at most limit bytes and
// one more, so that the caller can tell what is too large.
//
// It returns when the context ends, though the reader may not: the one goroutine
// left waiting for it goes with the process.
func readInput(ctx context.Context, r io.Reader, limit int64, remark func()) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	first := &firstByte{Reader: r, seen: make(chan struct{})}
	done := make(chan result, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(first, limit+1))
		done <- result{text, err}
	}()
	seen := first.seen
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for {
		select {
		case r := <-done:
			if r.err != nil {
				return nil, failed(r.err, "stdin cannot be read")
			}
			return r.text, nil
		case <-seen:
			timer.Stop()
			seen = nil
		case <-timer.C:
			remark()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// firstByte tells when the first byte has come, or the end.
type firstByte struct {
	io.Reader
	once sync.Once
	seen chan struct{}
}

func (f *firstByte) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	f.once.Do(func() { close(f.seen) })
	return n, err //nolint:wrapcheck // a Reader passes io.EOF on as it is
}

// waitingForInput is the remark about a silent pipe.
func waitingForInput(w io.Writer, prompted bool) func() {
	what := "the prompt"
	if prompted {
		what = "the rest of the prompt"
	}
	return func() {
		_, _ = fmt.Fprintf(w, // the remark is a courtesy: that it cannot be told stops nothing
			"aichat: waiting for %s from stdin, which is open but silent; end it, or run with </dev/null\n", what)
	}
}
