package main

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadInputRemarksOnSilence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		first   time.Duration // when the first byte comes
		end     time.Duration // after that
		remarks int
	}{
		{"at once", 0, 0, 0},
		{"slowly, but soon", time.Second, time.Hour, 0},
		{"late", time.Minute, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, w := io.Pipe()
				go func() {
					time.Sleep(c.first) // the bubble's clock
					_, _ = w.Write([]byte("a"))
					time.Sleep(c.end)
					_, _ = w.Write([]byte("b"))
					_ = w.Close()
				}()
				remarks := 0
				text, err := readInput(t.Context(), r, 10, func() { remarks++ })
				if err != nil || string(text) != "ab" || remarks != c.remarks {
					t.Errorf("%q, %v, %d remarks, want %d", text, err, remarks, c.remarks)
				}
			})
		})
	}
}

func TestReadInputEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(cause) })
		if _, err := readInput(ctx, r, 10, func() {}); !errors.Is(err, cause) {
			t.Errorf("%v, want %v", err, cause)
		}
		_ = w.Close()
	})
}

func TestReadInputReadsOneTooMany(t *testing.T) {
	t.Parallel()
	text, err := readInput(t.Context(), io.LimitReader(zeros{}, 1<<20), 10, func() {})
	if err != nil || len(text) != 11 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
