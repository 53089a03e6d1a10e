//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
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

// testEveryFault asks the real server, whose vendor has each of the faults that
// there are: there is one terminal event, and the right exit status. The server
// has no patience with vendors that want to be waited for, and still pauses
// before it asks one again, so all are asked at once.
func testEveryFault(t *testing.T, programs string) {
	dirs := ownFolders(t)
	var asking sync.WaitGroup
	for i, known := range vendors {
		v := known.vendor()
		for _, f := range providertest.Faults(v) {
			if i > 0 && strings.HasPrefix(f.Name, "status ") {
				continue // what stands between is the same for all
			}
			asking.Go(func() {
				vendor := newVendor(v)
				vendor.start(f.Serve)
				defer vendor.end()
				env := map[string]string{
					known.address: vendor.URL + v.Suffix, known.key: providertest.Key,
					"AICHAT_CHAT_MODEL": known.name + "/" + providertest.Model,
				}
				q := asker{env: env, dirs: dirs, server: []string{filepath.Join(programs, "aichat-server"), "local", "--patience", "1ms"}}
				q.ask(t, known.name+": "+f.Name, f.Want)
			})
		}
	}
	asking.Wait()
}

// ownFolders are folders for this test, whose server is ended with it.
func ownFolders(t *testing.T) config.Dirs {
	t.Helper()
	short, err := os.MkdirTemp("", "ai-")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	dirs := config.Dirs{
		Config: filepath.Join(home, "config"), Data: filepath.Join(home, "data"),
		State: filepath.Join(home, "state"), Runtime: filepath.Join(short, "aichat"),
	}
	t.Cleanup(func() {
		if pid, err := serverPID(dirs); err != nil {
			t.Error(err)
		} else if pid > 0 {
			endProcess(pid, syscall.SIGTERM)
		}
		_ = os.RemoveAll(short) // the system's own folder for such things
	})
	return dirs
}

// asker asks one question of the server in its folders.
type asker struct {
	env    map[string]string
	dirs   config.Dirs
	server []string
}

func (q asker) program(out, notes io.Writer) *program {
	p := newProgram(streams{out: output{Writer: out}, err: output{Writer: notes}},
		func(name string) (string, bool) { value, set := q.env[name]; return value, set })
	p.lenders.dirsMade, p.lenders.server = &q.dirs, q.server
	return p
}

// ask asks once and compares what comes with what must.
func (q asker) ask(t *testing.T, name string, want providertest.Outcome) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var out, notes bytes.Buffer
	got := q.program(&out, &notes).run(ctx, []string{"ask", "--stream-json", "hello"})
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
