package local_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/local"
	"github.com/aichat-term/aichat/client/wire"
)

func TestProviderEnv(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"OPENAI_API_KEY": "k1", "OLLAMA_HOST": "h", "GEMINI_API_KEY": "", "AWS_SECRET_ACCESS_KEY": "no", "AICHAT_TOKEN": "no",
	}
	got := local.ProviderEnv(func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
	if want := (wire.ProviderEnv{"OPENAI_API_KEY": "k1", "OLLAMA_HOST": "h"}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestServerInheritsNoKey is not parallel: it sets the environment.
func TestServerInheritsNoKey(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-of-this-terminal")
	d := home(t)
	ask(t, transport(t, d, "1.0.0"))
	b, err := os.ReadFile(filepath.Join(d.Data, "aichat.db.starts"))
	if err != nil || strings.Contains(string(b), "sk-") {
		t.Errorf("the server was given a key: %q, %v", b, err)
	}
}
