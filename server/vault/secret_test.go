package vault_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/vault"
)

func TestASecretDoesNotPrint(t *testing.T) {
	t.Parallel()
	const key = "sk-ant-very-secret"
	s := vault.NewSecret(key)
	holder := struct{ Key vault.Secret }{s}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{s, &s, holder} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, key) || strings.Contains(out, fmt.Sprintf("%x", key)) {
				t.Errorf("%s of %T prints the key: %s", verb, v, out)
			}
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", s, "holder", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", s, "holder", holder)
	if strings.Contains(log.String(), key) {
		t.Errorf("the log holds the key: %s", &log)
	}
	if out, err := json.Marshal(holder); err == nil || strings.Contains(string(out), key) {
		t.Errorf("JSON: %s, %v", out, err)
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	if !vault.NewSecret("a").Equal(vault.NewSecret("a")) || vault.NewSecret("a").Equal(vault.NewSecret("b")) {
		t.Error("Equal compares wrongly")
	}
}
