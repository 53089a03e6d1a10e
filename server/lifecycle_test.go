package server_test

import (
	"net/http"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/servertest"
)

// Promise 22: told to stop with a hundred streams, the server is not ready at
// once and takes no new turns; what can end within the grace does, the rest is
// interrupted, and everybody hears the end.
func TestStoppingWithAHundredStreams(t *testing.T) {
	t.Parallel()
	const n = 100
	w := newWorld(t, "", func(o *servertest.Options) { o.Grace = time.Minute })
	askings, streams := make([]asking, n), make([]*stream, n)
	for i := range n {
		askings[i] = newAsking()
		streams[i] = w.begin(askings[i])
		streams[i].until(wire.EventTurn)
	}
	for range n {
		<-w.vendor.asked
	}
	stopped := make(chan error, 1)
	go func() { stopped <- w.server.Stop() }()

	for { // the signal takes a moment to arrive
		resp := w.request(t.Context(), "GET", wire.PathReady, nil)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusServiceUnavailable {
			break
		}
	}
	var p wire.Problem
	late := newAsking()
	w.call(503, "POST", wire.ConversationPath(late.conversation, wire.BelowTurns), late.body(), &p)
	if p.Code != wire.Unavailable {
		t.Errorf("%+v", p)
	}
	w.call(200, "GET", wire.TurnPath(askings[0].answer), nil, nil) // what runs can still be seen

	for range n {
		w.vendor.say("Done")
		w.vendor.say("")
	}
	for _, s := range streams {
		heard := s.rest()
		if name, _ := ended(t, heard); name != wire.EventCompleted {
			t.Errorf("ended as %s", name)
		}
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// Promise 22: what does not end within the grace is interrupted, and its text
// is there when the server comes back.
func TestStoppingInterrupts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		s := w.begin(a)
		w.vendor.say("Partial")
		heard := s.until(wire.EventDelta)
		if err := w.server.Stop(); err != nil {
			t.Fatal(err)
		}
		heard = append(heard, s.rest()...)
		if name, _ := ended(t, heard); name != wire.EventInterrupted {
			t.Errorf("ended as %s", name)
		}
	})
}

// Promise 23: streams that have come and gone leave nothing behind. Not in
// parallel: it counts what the process holds.
func TestStreamsLeaveNothing(t *testing.T) {
	upstreams := upstream.NewTransport()
	w := newWorld(t, "", func(o *servertest.Options) { o.Server.Transport = upstreams })
	round := func(n int) {
		var group sync.WaitGroup
		for range n {
			group.Go(func() {
				a := newAsking()
				s := w.begin(a)
				s.until(wire.EventTurn)
				s.close() // in the middle
			})
		}
		group.Wait()
		for range n {
			w.vendor.say("x", "")
		}
		for range n {
			<-w.vendor.asked
		}
		w.http.CloseIdleConnections()
		upstreams.CloseIdleConnections()
	}
	settle := func(enough func() bool) bool {
		for range 2000 {
			if enough() {
				return true
			}
			<-time.After(5 * time.Millisecond)
		}
		return false
	}
	round(50) // what is made once is made
	var before int
	settle(func() bool { n := runtime.NumGoroutine(); same := n == before; before = n; return same })
	descriptors := openFiles(t)
	for range 10 {
		round(100)
	}
	settled := func() bool {
		upstreams.CloseIdleConnections() // those of the turns that ended last
		return runtime.NumGoroutine() <= before+20
	}
	if !settle(settled) {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
	}
	if !settle(func() bool { return openFiles(t) <= descriptors+20 }) {
		t.Errorf("%d descriptors before, %d after", descriptors, openFiles(t))
	}
}

// openFiles counts the process's descriptors; zero where the system does not
// tell.
func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return len(files)
}
