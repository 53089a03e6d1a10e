package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/conversation"
)

// asProgram makes the test's binary behave as the program itself.
const asProgram = "AICHAT_TEST_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	for _, v := range os.Environ() { // settings of whoever runs the tests
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AICHAT_SERVER_") {
			_ = os.Unsetenv(name) // it is set
		}
	}
	os.Exit(m.Run())
}

// home is a user's place on a machine: the folders and the environment that the
// program sees.
type home struct {
	t   *testing.T
	dir string
	env []string
}

func newHome(t *testing.T) *home {
	t.Helper()
	dir, err := os.MkdirTemp("", "aichat-") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &home{t, dir, []string{asProgram + "=1", "HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir}}
}

// newFoundedHome is a home with a database in its usual place.
func newFoundedHome(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	if out, errs, status := h.run("migrate", "up"); status != 0 {
		t.Fatalf("no database: %d %s%s", status, out, errs)
	}
	return h
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }

func (h *home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = h.env
	return cmd
}

// run runs a command to its end.
func (h *home) run(args ...string) (stdout, stderr string, status int) {
	h.t.Helper()
	return h.runOn("", args...)
}

// runOn runs a command to its end, with something on its stdin. One that goes on and
// on, as a server does that should have refused to start, is killed: its status is -1.
func (h *home) runOn(stdin string, args ...string) (stdout, stderr string, status int) {
	h.t.Helper()
	cmd := h.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	enough := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }) // unless it has just ended
	defer enough.Stop()
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), errs.String(), exit.ExitCode()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return out.String(), errs.String(), 0
}

// until runs a command again and again until it has succeeded and says so.
func (h *home) until(so string, says func(stdout, stderr string) bool, args ...string) {
	h.t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	enough := time.After(time.Minute)
	for {
		out, errs, status := h.run(args...)
		if status == 0 && says(out, errs) {
			return
		}
		select {
		case <-again.C:
		case <-enough:
			h.t.Fatalf("nobody %s: %d\n%s%s", so, status, out, errs)
		}
	}
}

// local is a local server that runs.
type local struct {
	t      *testing.T
	socket string
	cmd    *exec.Cmd
	out    *bufio.Reader
	errs   *bytes.Buffer
	http   *http.Client
}

func (h *home) localArgs(more ...string) []string {
	return append([]string{"local", "--socket", h.path("run/s.sock"), "--database", h.path("a.db")}, more...)
}

// start starts a local server and waits for its first line.
func (h *home) start(more ...string) *local {
	h.t.Helper()
	l := &local{t: h.t, socket: h.path("run/s.sock"), cmd: h.command(h.localArgs(more...)...), errs: &bytes.Buffer{}}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	l.cmd.Stderr = l.errs
	l.out = bufio.NewReader(out)
	if err := l.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = l.cmd.Process.Kill() }) // it may have ended
	if line, err := l.out.ReadString('\n'); line != "ready\n" {
		_ = l.cmd.Wait()
		h.t.Fatalf("first line %q, %v\n%s", line, err, l.errs)
	}
	over := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", l.socket)
	}}
	h.t.Cleanup(over.CloseIdleConnections)
	l.http = &http.Client{Transport: over}
	return l
}

// wait waits for the process's end.
func (l *local) wait() int {
	l.t.Helper()
	if rest, _ := io.ReadAll(l.out); len(rest) > 0 {
		l.t.Errorf("stdout says more: %q", rest)
	}
	err := l.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return 0
}

func (l *local) call(method, path, body string, headers ...string) *http.Response {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, "http://local"+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := l.http.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func (l *local) server() (s wire.Server) {
	l.t.Helper()
	if err := json.NewDecoder(l.call("GET", wire.PathServer, "").Body).Decode(&s); err != nil {
		l.t.Fatal(err)
	}
	return s
}

// slow is a provider that says one word and then nothing until it is told to
// end.
func slow(t *testing.T) (url string, finish func()) {
	t.Helper()
	more := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"Partial"}}]}`+"\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-more:
			_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":" and the rest"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() { close(more) }
}

type turnIDs struct{ conversation, answer string }

// ask begins a turn with the slow provider and waits for its word.
func (l *local) ask(provider string) (turnIDs, *sse.Reader) {
	l.t.Helper()
	ids := turnIDs{conversation.NewID(), conversation.NewID()}
	body, _ := json.Marshal(wire.NewTurn{
		ID: ids.answer, Model: "openai/gpt-test", Create: &wire.NewConversation{ID: ids.conversation, Title: "T"},
		Question: &wire.Question{ID: conversation.NewID(), Parts: []wire.Part{{Type: wire.PartText, Text: "?"}}},
	})
	env, _ := json.Marshal(wire.ProviderEnv{"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": provider + "/v1"})
	resp := l.call("POST", wire.ConversationPath(ids.conversation, wire.BelowTurns), string(body),
		"Accept", "text/event-stream", wire.HeaderProviderKeys, string(env))
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(resp.Body)
		l.t.Fatalf("%d %s", resp.StatusCode, b)
	}
	events := sse.NewReader(resp.Body, 0)
	l.until(events, wire.EventDelta)
	return ids, events
}

func (l *local) until(events *sse.Reader, name string) sse.Event {
	l.t.Helper()
	for {
		ev, err := events.Next()
		if err != nil {
			l.t.Fatalf("no %s: %v", name, err)
		}
		if ev.Name == name {
			return ev
		}
	}
}

func (l *local) answer(ids turnIDs) (wire.Message, string) {
	l.t.Helper()
	var page wire.MessagePage
	if err := json.NewDecoder(l.call("GET", wire.ConversationPath(ids.conversation, wire.BelowMessages), "").Body).Decode(&page); err != nil {
		l.t.Fatal(err)
	}
	for _, m := range page.Messages {
		if m.ID == ids.answer && len(m.Parts) > 0 {
			return m, m.Parts[0].Text
		}
	}
	l.t.Fatalf("no answer in %+v", page)
	return wire.Message{}, ""
}
