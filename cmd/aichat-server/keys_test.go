package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
)

const keyText = "sk-live-0123456789abcdef"

// typed runs a command with something on its stdin, and looks for the key in what it
// says.
func (h *home) typed(text string, args ...string) (stdout, stderr string, status int) {
	h.t.Helper()
	out, errs, status := h.runOn(text, args...)
	if all := out + errs; strings.Contains(all, keyText) {
		h.t.Errorf("%v tells the key: %s", args, all)
	}
	return out, errs, status
}

// want runs a command that must end so, and say that.
func (h *home) want(status int, says string, args ...string) string {
	h.t.Helper()
	out, errs, got := h.typed("", args...)
	if got != status || !strings.Contains(out+errs, says) {
		h.t.Errorf("%v: %d, want %d and %q\n%s%s", args, got, status, says, out, errs)
	}
	return out
}

// addKey adds a key and returns its id.
func (h *home) addKey(args ...string) string {
	h.t.Helper()
	out, errs, status := h.typed(keyText+"\n", append([]string{"keys", "add", "--json"}, args...)...)
	var k wire.Key
	if err := json.Unmarshal([]byte(out), &k); err != nil || status != 0 || k.Hint != "cdef" {
		h.t.Fatalf("add: %v, %d %s%s", err, status, out, errs)
	}
	return k.ID
}

// keyProvider offers two models to whoever has the key.
func keyProvider(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+keyText {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"data":[{"id":"talker"},{"id":"thinker"}]}`)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// TestKeys goes the way of an operator: from no master key to keys that are sealed
// by another one, with nothing running and while a server runs.
func TestKeys(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if _, errs, status := h.typed(keyText, "keys", "add", "anthropic"); status != 1 || !strings.Contains(errs, "aichat-server keys master") {
		t.Errorf("without a master key: %d %s", status, errs)
	}
	h.want(0, "added the master key", "keys", "master", "--to", h.path("masters"))
	h.env = append(h.env, "AICHAT_SERVER_MASTER_KEY_FILE="+h.path("masters"))
	id := h.addKey("box", "--base-url", keyProvider(t), "--label", "spare", "--weight", "3")
	h.want(0, "spare", "keys", "list")
	h.want(2, "none was on stdin", "keys", "add", "anthropic")
	h.want(0, "offers 2 models", "keys", "test", id[:len(id)-1])

	at := keyProvider(t)
	if out, errs, status := h.typed("sk-refused-0123456789\n", "keys", "add", "strict", "--base-url", at); status != 1 || !strings.HasPrefix(out, "added ") ||
		!strings.Contains(errs, "It is kept all the same; remove it with: aichat-server keys remove "+strings.Fields(out)[1]) {
		t.Errorf("a key that is refused: %d %s%s", status, out, errs)
	} else {
		h.want(0, "removed ", "keys", "remove", strings.Fields(out)[1], "--yes")
	}
	if out, errs, status := h.typed(keyText+"\n", "keys", "add", "away", "--base-url", "http://127.0.0.1:1/v1"); status != 0 || !strings.HasPrefix(out, "added ") ||
		!strings.Contains(errs, "It is kept, but could not be tried; try it again with: aichat-server keys test "+strings.Fields(out)[1]) {
		t.Errorf("a provider that is away: %d %s%s", status, out, errs)
	} else {
		h.want(0, "removed ", "keys", "remove", strings.Fields(out)[1], "--yes")
	}

	h.serve()
	other := h.addKey("anthropic")
	h.want(0, "…cdef", "keys", "list")
	h.want(0, "disabled "+shortID(other), "keys", "disable", other)
	h.want(0, "disabled", "keys", "list")
	h.want(0, "enabled "+shortID(other), "keys", "enable", other)
	h.want(0, "has the weight 0", "keys", "weight", other, "0")
	for _, wrong := range []string{"many", "-1", "1001", "1.5", "99999999999999999999", ""} {
		h.want(2, `a weight is a whole number from 0 to 1000, not "`+wrong+`"`, "keys", "weight", other, wrong)
	}
	h.want(2, "a weight is a whole number", "keys", "add", "anthropic", "--weight", "-1")
	h.want(1, "there is no key", "keys", "disable", "ffff")
	h.want(2, "type 4 characters of it at least", "keys", "disable", other[:3])
	h.want(2, "type 4 characters of it at least", "keys", "remove", "", "--yes")
	h.want(1, "the ids of 2 keys begin with", "keys", "disable", other[:4])
	h.want(2, "say --yes", "keys", "remove", other)
	h.want(0, "removed "+shortID(other), "keys", "remove", other, "--yes")
	h.want(0, "added the master key", "keys", "master", "--to", h.path("masters"))
	h.want(0, "sealed one key anew", "keys", "rotate")
	h.want(0, "nothing to do", "keys", "rotate")
	h.want(0, "offers 2 models", "keys", "test", id)
	audit := h.want(0, "keys_rotated", "users", "audit")
	for _, what := range []string{"key_added", "key_changed", "key_removed"} {
		if !strings.Contains(audit, what) {
			t.Errorf("no %s: %s", what, audit)
		}
	}
}

// TestAMasterKeyThatIsMissing keeps a server from starting, and the operator from
// nothing.
func TestAMasterKeyThatIsMissing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	env := h.env
	h.want(0, "added", "keys", "master", "--to", h.path("lost"))
	h.env = append(slices.Clip(env), "AICHAT_SERVER_MASTER_KEY_FILE="+h.path("lost"))
	id := h.addKey("anthropic")

	h.env = env
	h.want(1, "sealed by a master key that is missing", "serve", "--listen", "127.0.0.1:0")
	h.want(0, "added", "keys", "master", "--to", h.path("wrong"))
	h.env = append(slices.Clip(env), "AICHAT_SERVER_MASTER_KEY_FILE="+h.path("wrong"))
	h.want(1, "there is only", "serve", "--listen", "127.0.0.1:0")
	h.want(0, "cannot be read", "keys", "list")
	h.want(1, "cannot be read", "keys", "test", id)
	h.want(0, "disabled", "keys", "disable", id)
	h.serve()
	h.want(0, "cannot be read", "keys", "list")
}
