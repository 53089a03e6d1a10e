package local_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/client/local"
)

func TestOlderServer(t *testing.T) {
	t.Parallel()
	d := home(t)
	old := transport(t, d, "1.0.0")
	before := ask(t, old)
	post(t, old, pathHold) // a turn runs in another terminal
	var released sync.Once
	var progress []string
	tr := transport(t, d, "1.1.0")
	err := tr.EnsureVersion(t.Context(), func(p local.Progress) {
		progress = append(progress, fmt.Sprint(p.Version, " ", p.Running))
		if !tr.Running(t.Context()) {
			t.Error("the older server went with a turn running")
		}
		released.Do(func() { post(t, old, pathRelease) })
	})
	if err != nil {
		t.Fatal(err)
	}
	after := ask(t, tr)
	if after.Version != "1.1.0" || after.PID == before.PID || starts(t, d) != 2 {
		t.Errorf("%+v after %d starts", after, starts(t, d))
	}
	if len(progress) == 0 || progress[0] != "1.0.0 1" {
		t.Errorf("progress %q", progress)
	}
	if err := tr.EnsureVersion(t.Context(), nil); err != nil || starts(t, d) != 2 {
		t.Errorf("the second time: %v, %d starts", err, starts(t, d))
	}
}

// TestServerTooOldToTalkTo is replaced before the request that found it is
// answered, and not reported.
func TestServerTooOldToTalkTo(t *testing.T) {
	t.Parallel()
	d := home(t)
	old := transport(t, d, "0.0.9")
	post(t, old, pathHold)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		post(t, old, pathRelease) // its turns end by themselves
	}()
	got := ask(t, transport(t, d, "1.0.0"))
	<-ended
	if got.Version != "1.0.0" || starts(t, d) != 2 {
		t.Errorf("%+v answered, %d starts", got, starts(t, d))
	}
}

func TestNewerServerStays(t *testing.T) {
	t.Parallel()
	d := home(t)
	before := ask(t, transport(t, d, "1.1.0"))
	tr := transport(t, d, "1.0.0")
	if err := tr.EnsureVersion(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := tr.RetireOlder(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := ask(t, tr); after.PID != before.PID || after.Retiring {
		t.Errorf("%+v took the place of %+v", after, before)
	}
}

// TestRetireOlder is what a command does: its own request is answered by the
// older server, the next command's by the newer.
func TestRetireOlder(t *testing.T) {
	t.Parallel()
	d := home(t)
	ask(t, transport(t, d, "1.0.0"))
	tr := transport(t, d, "1.1.0")
	if err := tr.RetireOlder(t.Context()); err != nil || !tr.Running(t.Context()) {
		t.Fatalf("retired before its version was known: %v", err)
	}
	if v := ask(t, tr).Version; v != "1.0.0" {
		t.Fatalf("version %s", v)
	}
	if err := tr.RetireOlder(t.Context()); err != nil {
		t.Fatal(err)
	}
	for tr.Running(t.Context()) { // it goes by itself
		if t.Context().Err() != nil {
			t.Fatal("it stayed")
		}
	}
	if v := ask(t, transport(t, d, "1.1.0")).Version; v != "1.1.0" {
		t.Errorf("the next command was answered by version %s", v)
	}
}

func TestReplacersAtOnce(t *testing.T) {
	t.Parallel()
	d := home(t)
	ask(t, transport(t, d, "1.0.0"))
	var wg sync.WaitGroup
	for range 8 {
		tr := transport(t, d, "1.1.0")
		wg.Go(func() {
			if err := tr.EnsureVersion(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := starts(t, d); n != 2 {
		t.Errorf("%d starts", n)
	}
}
