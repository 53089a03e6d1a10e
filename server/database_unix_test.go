//go:build unix

package server_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/servertest"
)

// A SQLite file that is taken away while the server runs: no provider is asked for
// what could not be stored, the server is not ready and its log says what to do. It
// heals when the file is back.
func TestADatabaseFileThatIsTakenAway(t *testing.T) {
	t.Parallel()
	var log logtest.Log
	path := filepath.Join(t.TempDir(), "a.db")
	w := newWorld(t, path, func(o *servertest.Options) {
		o.Server.Logger = slog.New(slog.NewTextHandler(&log, nil))
		o.Server.Look = time.Millisecond
	})
	move(t, path, path+".away")
	untilSaid(t, &log, "level=ERROR")
	w.call(http.StatusServiceUnavailable, "GET", wire.PathReady, nil, nil)
	if p, _ := w.refused(newAsking()); p.Code != wire.Unavailable || !strings.Contains(p.Detail, "moved") {
		t.Errorf("refused with %+v", p)
	}
	if len(w.vendor.asked) > 0 {
		t.Error("a provider was called")
	}
	move(t, path+".away", path)
	untilSaid(t, &log, "is back")
	w.call(http.StatusNoContent, "GET", wire.PathReady, nil, nil)
	w.vendor.say("Kept", "")
	a := newAsking()
	w.begin(a).rest()
	if _, stored := w.answer(a); stored != "Kept" {
		t.Errorf("stored %q", stored)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// untilSaid waits until the log says it.
func untilSaid(t *testing.T, log *logtest.Log, words string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(log.String(), words); {
		if time.Now().After(end) {
			t.Fatalf("the log does not say %q:\n%s", words, log)
		}
		<-time.After(time.Millisecond)
	}
}
