package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
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
	var made wire.Token
	if err := json.Unmarshal([]byte(out), &made); err != nil || status != 0 || made.Token == "" || made.ExpiresAt == nil {
		t.Fatalf("%v %d %s %s", err, status, out, errs)
	}
	if out, _, _ := h.run("users", "token", "list", "ada"); !strings.Contains(out, shortID(made.ID)) || strings.Contains(out, made.Token) {
		t.Errorf("%s", out)
	}
	for range 2 {
		if _, errs, status := h.run("users", "token", "revoke", "ada", shortID(made.ID)); status != 0 {
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

// serving is a server that runs as a process.
type serving struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	logs *bufio.Reader
	seen strings.Builder // of the log, up to "listening"
}

func (h *home) serve(args ...string) *serving {
	h.t.Helper()
	s := &serving{t: h.t, cmd: h.command(append([]string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json"}, args...)...)}
	logs, err := s.cmd.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // it may have ended
	s.logs = bufio.NewReader(logs)
	for s.url == "" {
		line, err := s.logs.ReadString('\n')
		if err != nil {
			h.t.Fatalf("it does not listen: %s", &s.seen)
		}
		s.seen.WriteString(line)
		var said struct{ Msg, URL string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" { // other lines may be no JSON
			s.url = said.URL
		}
	}
	return s
}

// stop ends it as an operator does, and returns all that it logged.
func (s *serving) stop() string {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	rest, _ := io.ReadAll(s.logs)
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("%v\n%s", err, rest)
	}
	return s.seen.String() + string(rest)
}

// me asks who a token signs in as.
func (s *serving) me(token string) (me wire.Me, status int) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+wire.PathMe, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&me); err != nil {
		s.t.Error(err)
	}
	return me, resp.StatusCode
}

// Commands and a server that runs do not exclude each other: the commands speak
// to it.
func TestServe(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	ok := func(args ...string) string {
		t.Helper()
		out, errs, status := h.run(args...)
		if status != 0 {
			t.Fatalf("%v: %d %s", args, status, errs)
		}
		return out
	}
	ok("users", "add", "ada") // before it runs
	s := h.serve()
	ok("users", "add", "Bea B.") // while it does
	token := strings.TrimSpace(ok("users", "token", "create", "ada"))
	if me, status := s.me(token); status != 200 || me.Name != "ada" || me.Scope != "chat" {
		t.Errorf("%d %+v", status, me)
	}
	var tokens []wire.Token
	if err := json.Unmarshal([]byte(ok("users", "token", "list", "ada", "--json")), &tokens); err != nil || len(tokens) != 1 {
		t.Fatal(err, tokens)
	}
	ok("users", "token", "revoke", "ada", tokens[0].ID)
	if _, status := s.me(token); status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d", status)
	}
	link := strings.TrimSpace(ok("users", "owner"))
	if !strings.HasPrefix(link, s.url+"/owner?") {
		t.Errorf("%s, at %s", link, s.url)
	}
	resp, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the owner's page: %d", resp.StatusCode)
	}
	log := s.stop()
	secret, _ := url.Parse(link)
	for _, s := range []string{token, secret.Query().Get("link")} {
		if s == "" || strings.Contains(log, s) {
			t.Errorf("%q is in the log:\n%s", s, log)
		}
	}
	if !strings.Contains(log, "users owner") {
		t.Errorf("nobody is told how to become the owner:\n%s", log)
	}
	if _, err := os.Lstat(h.path(".local/share/aichat/server.db.admin/admin.sock")); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	if out := ok("users", "audit"); !strings.Contains(out, "token_created") || !strings.Contains(out, "operator") || !strings.Contains(out, "ada") {
		t.Errorf("%s", out) // and after it ran
	}
}

// A socket that a killed server left is nobody's: commands go on without it, and
// so does the next server.
func TestKilledServe(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	s := h.serve()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // it was killed
	if out, errs, status := h.run("users", "add", "ada"); status != 0 {
		t.Errorf("%d %s%s", status, out, errs)
	}
	again := h.serve()
	if out, errs, status := h.run("users", "list"); status != 0 || !strings.Contains(out, "ada") {
		t.Errorf("%d %s%s", status, out, errs)
	}
	again.stop()
}

// A server that has the database and no socket cannot be spoken to, and that is
// said.
func TestServeWithoutSocket(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.env = append(h.env, "AICHAT_SERVER_ADMIN_SOCKET=none")
	s := h.serve()
	if _, errs, status := h.run("users", "list"); status != 1 || !strings.Contains(errs, "AICHAT_SERVER_ADMIN_SOCKET") {
		t.Errorf("%d %s", status, errs)
	}
	s.stop()
	if _, errs, status := h.run("users", "owner"); status != 0 || !strings.Contains(errs, "aichat-server serve") {
		t.Errorf("%d %s", status, errs)
	}
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	h := newFoundedHome(t)
	if _, errs, _ := h.run("users", "invitations"); !strings.Contains(errs, "users invite") {
		t.Errorf("empty: %s", errs)
	}
	if out, errs, status := h.run("users", "invite", "ada@example.com"); status != 0 || out != "invited ada@example.com\n" || !strings.Contains(errs, "nobody who is invited can sign in yet") {
		t.Errorf("no way to sign in: %d %q %q", status, out, errs)
	}
	if err := os.WriteFile(h.path("signin.toml"), []byte("[signin.github]\nclient_id = \"a\"\nclient_secret = \"b\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.env = append(h.env, "AICHAT_SERVER_CONFIG="+h.path("signin.toml"))
	out, errs, status := h.run("users", "invite", "Ada@Example.com", "--admin")
	if status != 0 || out != "http://127.0.0.1:8080/signin\n" || !strings.Contains(errs, "ada@example.com") {
		t.Errorf("%d %q %q", status, out, errs)
	}
	if out, _, _ := h.run("users", "invitations"); !strings.Contains(out, "ada@example.com") || !strings.Contains(out, "admin") || !strings.Contains(out, "open until") {
		t.Errorf("%s", out)
	}
	if _, errs, status := h.run("users", "invite", "ada"); status != 1 || !strings.Contains(errs, "name@example.com") {
		t.Errorf("%d %s", status, errs)
	}
	if _, _, status := h.run("users", "uninvite", "ada@example.com"); status != 0 {
		t.Error(status)
	}
	if _, errs, status := h.run("users", "uninvite", "ada@example.com"); status != 1 {
		t.Errorf("%d %s", status, errs)
	}
	h.env = append(h.env, "AICHAT_SERVER_LISTEN=0.0.0.0:8080")
	if _, errs, status := h.run("users", "owner"); status != 1 || !strings.Contains(errs, "AICHAT_SERVER_URL") {
		t.Errorf("%d %s", status, errs)
	}
}

func TestRolesAndRemoval(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, name := range []string{"ada", "Bea B."} {
		if _, errs, status := h.run("users", "add", name); status != 0 {
			t.Fatal(errs)
		}
	}
	if out, errs, status := h.run("users", "role", "ada", "admin"); status != 0 || out != "ada: admin\n" {
		t.Errorf("%d %s%s", status, out, errs)
	}
	if _, errs, status := h.run("users", "role", "ada", "user"); status != 1 || !strings.Contains(errs, "only server admin") {
		t.Errorf("%d %s", status, errs)
	}
	if _, errs, status := h.run("users", "role", "ada", "king"); status != 2 {
		t.Errorf("%d %s", status, errs)
	}
	if _, errs, status := h.run("users", "remove", "Bea B."); status != 2 || !strings.Contains(errs, "--yes") {
		t.Errorf("%d %s", status, errs)
	}
	if _, errs, status := h.run("users", "remove", "ada", "--yes"); status != 1 || !strings.Contains(errs, "only server admin") {
		t.Errorf("%d %s", status, errs)
	}
	if out, errs, status := h.run("users", "remove", "Bea B.", "--yes"); status != 0 || out != "removed Bea B.\n" {
		t.Errorf("%d %s%s", status, out, errs)
	}
	var users []wire.User
	h.want(0, "", "users", "add", "ada's twin")
	if out := h.want(0, "", "users", "list", "--json"); json.Unmarshal([]byte(out), &users) != nil || len(users) != 2 {
		t.Fatal(out)
	}
	h.want(1, `there is no user "`+users[1].ID[:3]+`"`, "users", "remove", users[1].ID[:3], "--yes")
	h.want(1, `there is no user "ffff"`, "users", "remove", "ffff", "--yes")
	h.want(2, "which user?", "users", "remove", "", "--yes")
	h.want(0, `"name": "ada's twin"`, "users", "remove", shortID(users[1].ID), "--yes", "--json")
	if out, _, _ := h.run("users", "list", "--json"); json.Unmarshal([]byte(out), &users) != nil || len(users) != 1 || !users[0].ServerAdmin {
		t.Errorf("%s", out)
	}
	for _, args := range [][]string{{"--since", "1h"}, {"--since", "2020-01-01", "--user", "ada", "--what", "role_changed"}} {
		if out, errs, status := h.run(append([]string{"users", "audit"}, args...)...); status != 0 || !strings.Contains(out, "role_changed") {
			t.Errorf("%v: %d %s%s", args, status, out, errs)
		}
	}
	if _, errs, status := h.run("users", "audit", "--since", "tomorrow"); status != 2 || !strings.Contains(errs, "24h") {
		t.Errorf("%d %s", status, errs)
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

// A setting that makes no sense is named with the place where it is written.
func TestAWrongSettingSaysWhereItIs(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	file := h.path("server.toml")
	if err := os.WriteFile(file, []byte("# hosts\nprivate_hosts = [\"http://gpu.internal\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, status := h.run("users", "list", "--config", file)
	if want := file + ":2: private_hosts: \"http://gpu.internal\""; status != 2 || !strings.Contains(errs, want) {
		t.Errorf("%d %s, want %s", status, errs, want)
	}
	if err := os.WriteFile(file, []byte("private_hosts = [\"127.0.0.1:9911\", \"[::1]:9911\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.env = append(h.env, "AICHAT_SERVER_TRUSTED_PROXIES=nginx")
	if _, errs, status := h.run("config", "--config", file); status != 2 || !strings.Contains(errs, "env AICHAT_SERVER_TRUSTED_PROXIES: trusted_proxies: ") {
		t.Errorf("%d %s", status, errs)
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
	for _, args := range [][]string{{"version"}, {"openapi"}, {"migrate", "up"}, {"models"}, {}, {"help", "serve"}} {
		if out, errs, status := h.run(args...); status != 0 || out == "" {
			t.Errorf("%v: %d %q %q", args, status, out, errs)
		}
	}
	if _, errs, status := h.run("migrate", "status"); status != 0 {
		t.Errorf("%d %s", status, errs)
	}
}

func TestWhatWasTypedWrong(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for typed, want := range map[string]string{
		"usres":              `there is no command "usres"; did you mean aichat-server users?`,
		"users invitte":      `there is no command "invitte"; did you mean aichat-server users invite?`,
		"users frobnicate":   `there is no command "frobnicate"; see aichat-server users --help`,
		"users invite":       "type it as: aichat-server users invite E-MAIL",
		"users role ada":     "type it as: aichat-server users role NAME admin|user",
		"users list nonsuch": "type it as: aichat-server users list",
	} {
		if _, errs, status := h.run(strings.Fields(typed)...); status != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", typed, status, errs)
		}
	}
}
