package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/conversation"
)

func TestLocalIsOne(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	l := h.start()
	if s := l.server(); !s.Local || s.PID != l.cmd.Process.Pid {
		t.Errorf("%+v", s)
	}
	stdout, stderr, status := h.run(h.localArgs()...)
	if stdout != "" || stderr != "already running\n" || status != 0 {
		t.Errorf("%q %q %d", stdout, stderr, status)
	}
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := l.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, l.errs)
	}
	if _, err := os.Lstat(l.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// A socket that was removed leads nobody to the server, which makes room for
// another.
func TestLocalEndsWithoutItsSocket(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	l := h.start()
	if err := os.Remove(l.socket); err != nil {
		t.Fatal(err)
	}
	if status := l.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, l.errs)
	}
	h.start()
}

// A database that was taken away is not served any more, whatever runs; what it
// held is there when it is back.
func TestLocalEndsWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	provider, _ := slow(t)
	l := h.start("--grace", "10ms")
	ids, events := l.ask(provider)
	if err := os.Rename(h.path("a.db"), h.path("away.db")); err != nil {
		t.Fatal(err)
	}
	l.until(events, wire.EventInterrupted)
	if status := l.wait(); status != 0 || !strings.Contains(l.errs.String(), "put it back in its place") {
		t.Errorf("status %d\n%s", status, l.errs)
	}
	if err := os.Rename(h.path("away.db"), h.path("a.db")); err != nil {
		t.Fatal(err)
	}
	if m, _ := h.start().answerOrEmpty(ids); m.State != wire.StateInterrupted {
		t.Errorf("%+v", m)
	}
}

// Promise 22: after kill -9 nothing is stuck: the turn is interrupted and its
// text, as far as it was stored, kept.
func TestKilledLocal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	provider, _ := slow(t)
	l := h.start()
	ids, _ := l.ask(provider)
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = l.cmd.Wait() // it was killed

	again := h.start() // over the dead one's socket
	m, text := again.answerOrEmpty(ids)
	if m.State != wire.StateInterrupted || !strings.HasPrefix("Partial", text) || m.ErrorCode != wire.Interrupted {
		t.Errorf("%+v %q", m, text)
	}
	resp := again.call("GET", wire.TurnPath(ids.answer, wire.BelowEvents), "", wire.HeaderLastEventID, "7")
	events := sse.NewReader(resp.Body, 0)
	again.until(events, wire.EventInterrupted)
	var head wire.Conversation
	if err := json.NewDecoder(again.call("GET", wire.ConversationPath(ids.conversation), "").Body).Decode(&head); err != nil || head.Running != "" {
		t.Errorf("%+v, %v", head, err)
	}
}

// answerOrEmpty is answer, for one whose text was not stored in time.
func (l *local) answerOrEmpty(ids turnIDs) (wire.Message, string) {
	l.t.Helper()
	var page wire.MessagePage
	if err := json.NewDecoder(l.call("GET", wire.ConversationPath(ids.conversation, wire.BelowMessages), "").Body).Decode(&page); err != nil {
		l.t.Fatal(err)
	}
	for _, m := range page.Messages {
		if m.ID != ids.answer {
			continue
		}
		if len(m.Parts) == 0 {
			return m, ""
		}
		return m, m.Parts[0].Text
	}
	l.t.Fatalf("no answer in %+v", page)
	return wire.Message{}, ""
}

func TestTerminatedLocalKeepsWhatHasArrived(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	provider, _ := slow(t)
	l := h.start("--grace", "10ms")
	ids, events := l.ask(provider)
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	l.until(events, wire.EventInterrupted)
	if status := l.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, l.errs)
	}
	if m, text := h.start().answer(ids); text != "Partial" || m.State != wire.StateInterrupted {
		t.Errorf("%q %+v", text, m)
	}
}

// A retired server takes nothing new and ends with its last turn.
func TestRetiring(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	provider, finish := slow(t)
	l := h.start()
	_, events := l.ask(provider)
	if resp := l.call("POST", wire.PathRetire, ""); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%d", resp.StatusCode)
	}
	if s := l.server(); !s.Retiring || s.Running != 1 {
		t.Errorf("%+v", s)
	}
	late := `{"id":"` + conversation.NewID() + `","ephemeral":true,"question":{"id":"` + conversation.NewID() + `","parts":[{"type":"text","text":"?"}]}}`
	if resp := l.call("POST", wire.ConversationPath("x", wire.BelowTurns), late); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a late turn: %d", resp.StatusCode)
	}
	finish()
	l.until(events, wire.EventCompleted)
	if status := l.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, l.errs)
	}
}

func TestIdleLocalEnds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	l := h.start("--idle", "50ms")
	if status := l.wait(); status != 0 {
		t.Errorf("status %d\n%s", status, l.errs)
	}
}

func TestLocalRefusesOthersFolders(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if err := os.Mkdir(h.path("run"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, stderr, status := h.run(h.localArgs()...); status != 1 || !strings.Contains(stderr, "0700") {
		t.Errorf("%d %s", status, stderr)
	}
	if err := os.Chmod(h.path("run"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path("run/s.sock"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, status := h.run(h.localArgs()...); status != 1 || !strings.Contains(stderr, "not a socket") {
		t.Errorf("%d %s", status, stderr)
	}
	long := filepath.Join(h.dir, strings.Repeat("long/", 25), "s.sock")
	if _, stderr, status := h.run("local", "--socket", long, "--database", h.path("a.db")); status != 1 || !strings.Contains(stderr, "shorter") {
		t.Errorf("%d %s", status, stderr)
	}
}

// A second signal ends the server at once.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	provider, _ := slow(t)
	l := h.start("--grace", "1h")
	l.ask(provider)
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.cmd.Wait() }()
	again := time.NewTicker(10 * time.Millisecond) // the first needs a moment to be taken
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			if err == nil {
				t.Error("it ended as if nothing had been")
			}
			return
		case <-again.C:
			_ = l.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		}
	}
}
