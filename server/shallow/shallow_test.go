package shallow_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/shallow"
)

func TestCall(t *testing.T) {
	t.Parallel()
	if got := shallow.Call(func() int { return 42 }); got != 42 {
		t.Errorf("got %d", got)
	}
}

func TestAPanicIsTheCallers(t *testing.T) {
	t.Parallel()
	defer func() {
		if got, _ := recover().(string); !strings.HasPrefix(got, "a mistake\n") || !strings.Contains(got, "TestAPanicIsTheCallers") {
			t.Errorf("recovered %q", got)
		}
	}()
	shallow.Call(func() int { panic(errors.New("a mistake")) })
}
