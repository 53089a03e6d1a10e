package tokenizer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/provider/openai/tokenizer"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		least      int64
		most       int64
	}{
		{"nothing", "", 0, 0},
		{"two words", "hello world", 2, 2},
		{"a special token is text", "<|endoftext|>", 5, 9},
		{"Russian is shorter than its letters", strings.Repeat("Привет, мир! ", 10), 40, 60},
		{"a long text, in pieces", strings.Repeat("hello world\n", 10_000), 30_000, 30_060},
		{"no blank to part it at", strings.Repeat("ж", 10_000), 1, 10_004},
		{"nothing but blanks", strings.Repeat(" ", 100_000), 1, 2000},
		{"no UTF-8", "\xff\xfe", 1, 8},
	} {
		n, err := tokenizer.Count(t.Context(), tc.text)
		if err != nil || n < tc.least || n > tc.most {
			t.Errorf("%s: %d tokens, %v; want %d to %d", tc.name, n, err, tc.least, tc.most)
		}
	}
}

func TestCountEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tokenizer.Count(ctx, "hello"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func BenchmarkCount(b *testing.B) {
	for name, text := range map[string]string{"words": strings.Repeat("hello world\n", 1<<16), "blanks": strings.Repeat(" ", 1<<20)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := tokenizer.Count(b.Context(), text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
