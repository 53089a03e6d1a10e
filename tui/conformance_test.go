package tui_test

import (
	"testing"

	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func TestFakeConforms(t *testing.T) {
	t.Parallel()
	tuitest.Conform(t, func(*testing.T) tui.Backend {
		f := tuitest.NewFake()
		f.Auto = func(q string) string { return "You asked: " + q }
		return f
	})
}
