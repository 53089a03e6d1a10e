//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// TestEveryFault asks the real server, whose vendor has each of the faults that
// there are: there is one terminal event, and the right exit status. Refusals
// are retried as the vendor asks, so all are asked at once.
func TestEveryFault(t *testing.T) {
	useServer(t)
	var asking sync.WaitGroup
	atOnce := make(chan struct{}, 256)
	for i, known := range vendors {
		v := known.vendor()
		for _, f := range providertest.Faults(v) {
			if i > 0 && strings.HasPrefix(f.Name, "status ") {
				continue // what stands between is the same for all
			}
			asking.Add(1)
			go func() {
				defer asking.Done()
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				vendor := newVendor(v, f.Serve)
				defer vendor.end()
				askFaulty(t, known.name+": "+f.Name, f.Want, map[string]string{
					known.address: vendor.URL + v.Suffix, known.key: providertest.Key,
					"AICHAT_CHAT_MODEL": known.name + "/" + providertest.Model,
				})
			}()
		}
	}
	asking.Wait()
}

// useServer lets the programs of this test have folders, and a server, of their
// own.
func useServer(t *testing.T) {
	t.Helper()
	programs, err := serverFolder()
	if err != nil {
		t.Fatal(err)
	}
	short, err := os.MkdirTemp("", "ai-")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	t.Setenv("PATH", programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("XDG_RUNTIME_DIR", short)
	for _, name := range []string{"CONFIG", "DATA", "STATE"} {
		t.Setenv("XDG_"+name+"_HOME", filepath.Join(home, strings.ToLower(name)))
	}
	t.Cleanup(func() {
		dirs, err := config.UserDirs()
		if err != nil {
			t.Error(err)
		}
		if pid, err := serverPID(dirs); err != nil {
			t.Error(err)
		} else if pid > 0 {
			endProcess(pid, syscall.SIGTERM)
		}
		_ = os.RemoveAll(short) // the system's own folder for such things
	})
}

// askFaulty asks once and compares what comes with what must.
func askFaulty(t *testing.T, name string, want providertest.Outcome, env map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var out, notes bytes.Buffer
	got := run(ctx, []string{"ask", "--stream-json", "hello"}, streams{
		out: output{Writer: &out}, err: output{Writer: &notes},
	}, func(name string) (string, bool) { value, set := env[name]; return value, set })

	status := exitOK
	if want.Kind != fault.Internal {
		status = statusOf(wire.Code(want.Kind.String()))
	}
	if got != status {
		t.Errorf("%s: exit status %d, want %d\n%s%s", name, got, status, clip(out.String()), notes.String())
		return
	}
	told := readLines(t, name, out.Bytes())
	if told.ends != 1 {
		t.Errorf("%s: %d terminal events", name, told.ends)
	}
	if told.errors != min(status, 1) {
		t.Errorf("%s: %d errors with status %d", name, told.errors, status)
	}
	if told.text != want.Text {
		t.Errorf("%s: text %q, want %q", name, clip(told.text), want.Text)
	}
	if want.Kind == fault.Internal && (want.Finish == provider.Stop) != (told.finish == wire.FinishStop) {
		t.Errorf("%s: finish %q, want %q", name, told.finish, want.Finish)
	}
}

// told is what the lines of --stream-json come to.
type told struct {
	text, finish string
	ends, errors int
}

func readLines(t *testing.T, name string, lines []byte) told {
	t.Helper()
	var all told
	decoder := json.NewDecoder(bytes.NewReader(lines))
	for decoder.More() {
		var line struct {
			Event string
			Data  json.RawMessage
		}
		if err := decoder.Decode(&line); err != nil {
			t.Errorf("%s: %v", name, err)
			return all
		}
		var delta wire.Delta
		var end wire.End
		switch {
		case line.Event == wire.EventDelta && json.Unmarshal(line.Data, &delta) == nil && delta.Type == wire.PartText:
			all.text += delta.Text
		case line.Event == "error":
			all.errors++
		case wire.Terminal(line.Event) && json.Unmarshal(line.Data, &end) == nil:
			all.ends++
			all.finish = end.Message.Finish
		}
	}
	return all
}

func clip(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}
