package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
)

func TestUsersAndTokens(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if out, errs, status := h.run("users", "add", "ada"); status != 0 || !strings.Contains(out, "ada") {
		t.Fatalf("%d %s %s", status, out, errs)
	}
	out, errs, status := h.run("users", "token", "create", "ada", "--json", "--expires", "24h")
	var made shownToken
	if err := json.Unmarshal([]byte(out), &made); err != nil || status != 0 || made.Token == "" || made.ExpiresAt == nil {
		t.Fatalf("%v %d %s %s", err, status, out, errs)
	}
	if out, _, _ := h.run("users", "token", "list", "ada"); !strings.Contains(out, made.ID) || strings.Contains(out, made.Token) {
		t.Errorf("%s", out)
	}
	for range 2 {
		if _, errs, status := h.run("users", "token", "revoke", "ada", made.ID); status != 0 {
			t.Errorf("%d %s", status, errs)
		}
	}
	if out, _, _ := h.run("users", "token", "list", "ada"); !strings.Contains(out, "revoked") {
		t.Errorf("%s", out)
	}
	if _, errs, status := h.run("users", "token", "create", "nobody"); status != 1 || !strings.HasPrefix(errs, "aichat-server: ") {
		t.Errorf("%d %s", status, errs)
	}
	if _, errs, status := h.run("users", "add", "ada"); status == 0 || !strings.Contains(errs, "already") {
		t.Errorf("a second ada: %d %s", status, errs)
	}
	if out, _, status := h.run("users", "list"); status != 0 || !strings.Contains(out, "ada") {
		t.Errorf("%d %s", status, out)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if _, errs, status := h.run("users", "add", "ada"); status != 0 {
		t.Fatal(errs)
	}
	token, _, _ := h.run("users", "token", "create", "ada")
	cmd := h.command("serve", "--listen", "127.0.0.1:0", "--log-format", "json")
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	var line struct{ Msg, URL string }
	lines := bufio.NewScanner(logs)
	for line.Msg != "listening" {
		if !lines.Scan() {
			t.Fatal("it does not listen")
		}
		_ = json.Unmarshal(lines.Bytes(), &line) // other lines may be no JSON
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", line.URL+wire.PathMe, nil)
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var me wire.Me
	if err := json.NewDecoder(resp.Body).Decode(&me); err != nil || me.Name != "ada" {
		t.Errorf("%+v, %v", me, err)
	}
	_ = resp.Body.Close()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	all, _ := io.ReadAll(logs)
	if err := cmd.Wait(); err != nil || strings.Contains(string(all), strings.TrimSpace(token)) {
		t.Errorf("%v\n%s", err, all)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	file := h.path("server.toml")
	if err := os.WriteFile(file, []byte("listen = \"127.0.0.1:9000\"\n[provider.corp]\nbase_url = \"http://corp/v1\"\nkey = \"sk-hidden\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.env = append(h.env, "AICHAT_SERVER_GRACE=7s", "AICHAT_SERVER_DATABASE=postgres://u:hidden@db/x")
	out, errs, status := h.run("config", "--config", file, "--log-level", "debug")
	for _, want := range []string{"127.0.0.1:9000", file + ":1", "7s", "env AICHAT_SERVER_GRACE", "flag --log-level", "provider.corp.key"} {
		if !strings.Contains(strings.ToLower(out), strings.ToLower(want)) {
			t.Errorf("%q is missing", want)
		}
	}
	if status != 0 || strings.Contains(out+errs, "hidden") {
		t.Errorf("%d\n%s%s", status, out, errs)
	}
	h.env = append(h.env, "AICHAT_SERVER_DATABASE=")
	if out, _, status := h.run("config"); status != 0 || !strings.Contains(out, "server.db") || strings.Contains(out, " - ") {
		t.Errorf("the values that hold are not shown: %d\n%s", status, out)
	}
	if out, _, status := h.run("config", "--docs"); status != 0 || !strings.Contains(out, "| `listen` | `AICHAT_SERVER_LISTEN` | `--listen` |") {
		t.Errorf("%d %s", status, out)
	}
	if out, errs, status := h.run("models", "--json", "--config", h.path("none.toml")); status != 2 {
		t.Errorf("a file that is not there: %d %s %s", status, out, errs)
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, args := range [][]string{
		{"nonsense"}, {"serve", "extra"}, {"serve", "--nonsense"}, {"local"}, {"serve", "--listen", "nowhere"},
		{"serve", "--log-format", "xml"}, {"users", "add"}, {"users", "add", ""}, {"users", "nonsense"},
	} {
		out, errs, status := h.run(args...)
		if status != 2 || out != "" || !strings.HasPrefix(errs, "aichat-server: ") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: %d %q %q", args, status, out, errs)
		}
	}
	for _, args := range [][]string{{"version"}, {"openapi"}, {"models"}, {}, {"help", "serve"}, {"migrate", "up"}} {
		if out, errs, status := h.run(args...); status != 0 || out == "" {
			t.Errorf("%v: %d %q %q", args, status, out, errs)
		}
	}
	if _, errs, status := h.run("migrate", "status"); status != 0 {
		t.Errorf("%d %s", status, errs)
	}
}
