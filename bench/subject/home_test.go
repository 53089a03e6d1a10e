package subject_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/bench/subject"
)

func TestHomeHoldsNothingOfTheCallers(t *testing.T) {
	t.Setenv("ANTHROPIC_API_KEY", "somebody's")
	t.Setenv("AICHAT_URL", "https://example.com")
	h, err := subject.NewHome()
	if err != nil {
		t.Fatal(err)
	}
	h.OpenAI("http://127.0.0.1:1/")
	env := h.Env()
	for _, v := range env {
		if strings.HasPrefix(v, "ANTHROPIC") || strings.HasPrefix(v, "AICHAT_URL") {
			t.Errorf("%s is in the home's environment", v)
		}
	}
	if !slices.Contains(env, "OPENAI_BASE_URL=http://127.0.0.1:1/v1") {
		t.Errorf("the stub is not in %v", env)
	}
	if pid, err := h.LocalPID(t.Context()); pid != 0 || err != nil {
		t.Errorf("a server in an empty home: %d, %v", pid, err)
	}
	if err := h.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(h.Dir); !os.IsNotExist(err) {
		t.Errorf("the home is still there: %v", err)
	}
}

func TestFindPrograms(t *testing.T) {
	t.Parallel()
	if _, err := subject.FindPrograms(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("in an empty folder: %v", err)
	}
}
