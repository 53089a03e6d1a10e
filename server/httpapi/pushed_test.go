package httpapi_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/turn"
)

// newsFeed is a feed that says whenever something is added to it.
type newsFeed struct {
	*script
	watched chan struct{} // closed by Watch

	idle chan struct{} // gets one for each look that finds nothing, as long as it is read

	mu     sync.Mutex
	waits  []turn.Update
	call   func()
	broken any // what Look panics with
}

// news is what the turn aTurn says from now on, some of it already.
func (w *world) news(updates ...turn.Update) *newsFeed {
	f := &newsFeed{script: newScript(), watched: make(chan struct{}), idle: make(chan struct{}, 2), waits: updates}
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return f }
	return f
}

func (f *newsFeed) Watch(call func()) {
	f.mu.Lock()
	f.call = call
	f.mu.Unlock()
	close(f.watched)
}

func (f *newsFeed) Look(u *turn.Update) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		panic(f.broken)
	}
	if len(f.waits) == 0 {
		select {
		case f.idle <- struct{}{}:
		default:
		}
		return false, nil
	}
	*u, f.waits = f.waits[0], f.waits[1:]
	return true, nil
}

// say adds an update, and calls whoever watches.
func (f *newsFeed) say(u turn.Update) {
	f.mu.Lock()
	f.waits = append(f.waits, u)
	call := f.call
	f.mu.Unlock()
	if call != nil {
		call()
	}
}

// told joins the text of a stream's deltas.
func told(t *testing.T, events []sse.Event) string {
	t.Helper()
	var all strings.Builder
	for _, ev := range events {
		if ev.Name != wire.EventDelta {
			continue
		}
		var d wire.Delta
		if err := json.Unmarshal(ev.Data, &d); err != nil {
			t.Fatal(err)
		}
		all.WriteString(d.Text)
	}
	return all.String()
}

// What there is, and then what comes, is told in its order, by whoever says it; the
// connection serves on.
func TestPushed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		feed := w.news(text("one ", 4))
		go func() {
			feed.say(text("two ", 8))
			<-feed.watched
			feed.say(text("three", 13))
			feed.say(end(conversation.Complete, 13))
		}()
		events := w.events(w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), ""))
		if got := told(t, events); got != "one two three" || events[len(events)-1].Name != wire.EventCompleted {
			t.Errorf("%q, %+v", got, events)
		}
		<-feed.closed
	}
}

// Many say something at once: all of it is told, and one thing after the other.
func TestPushedByMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feed := w.news()
	const many, each = 8, 200
	go func() {
		<-feed.watched
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				for range each {
					feed.say(text("x", 1))
				}
			})
		}
		all.Wait()
		feed.say(end(conversation.Complete, 1))
	}()
	if got := told(t, w.events(w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), ""))); got != strings.Repeat("x", many*each) {
		t.Errorf("%d bytes", len(got))
	}
}

// A client that does not read keeps nobody waiting who has something to say, and
// misses nothing when it reads again.
func TestPushedToASlowReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Patience = time.Hour })
	feed := w.news()
	conn := w.dial("GET", wire.TurnPath(aTurn, wire.BelowEvents), "HTTP/1.1\r\nConnection: close")
	in := bufio.NewReader(conn)
	for begun := false; !begun; {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		begun = strings.HasPrefix(line, "event: "+wire.EventTurn)
	}
	<-feed.idle                        // the handler has looked,
	<-feed.idle                        // and who told the beginning: from here on it is the sayer who tells
	const pieces, size = 400, 64 << 10 // more than any connection holds
	for i := range int64(pieces) {
		feed.say(text(strings.Repeat(string(rune('a'+i%26)), size), (i+1)*size))
	}
	feed.say(end(conversation.Complete, pieces*size))

	body, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pieces {
		at := bytes.Index(body, bytes.Repeat([]byte{byte('a' + i%26)}, size))
		if at < 0 {
			t.Fatalf("piece %d is missing", i)
		}
		body = body[at+size:]
	}
	if !strings.Contains(string(body), wire.EventCompleted) || !strings.HasSuffix(string(body), "0\r\n\r\n") {
		t.Errorf("the end is %q", body)
	}
	<-feed.closed
}

// One that never reads again loses its connection.
func TestPushedToNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Patience = 50 * time.Millisecond })
	feed := w.news()
	w.dial("GET", wire.TurnPath(aTurn, wire.BelowEvents), "HTTP/1.1")
	<-feed.watched
	for i := int64(1); ; i++ {
		select {
		case <-feed.closed:
			feed.say(text("too late", 0)) // to nobody
			return
		default:
			feed.say(text(strings.Repeat("x", 64<<10), i<<16))
		}
	}
}

// Silence is filled, and a client that goes in it is found out.
func TestPushedSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Heartbeat = time.Millisecond })
	feed := w.news()
	resp := w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), "")
	lines := bufio.NewScanner(resp.Body)
	for beats := 0; beats < 3; {
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		if strings.HasPrefix(lines.Text(), ":") {
			beats++
		}
	}
	_ = resp.Body.Close()
	<-feed.closed
}

// A stream whose telling panics is cut, and whoever has said something goes on.
func TestPanicInAPushedStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feed := w.news()
	resp := w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), "")
	<-feed.watched
	feed.mu.Lock()
	feed.broken = "a mistake"
	feed.mu.Unlock()
	feed.say(text("a", 1)) // returns
	if body, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%s, %v", body, err)
	}
	<-feed.closed
	w.api.Drain(t.Context())
	if log := w.log.String(); !strings.Contains(log, "a mistake") || strings.Count(log, `"msg":"request"`) != 1 {
		t.Error(log)
	}
}

// A stream that waits ends with its session, and with the server.
func TestEndOfAPushedStream(t *testing.T) {
	t.Parallel()
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			feed := w.news()
			resp := w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), "")
			<-feed.watched
			end(w)
			if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error(err)
			}
			<-feed.closed
			w.api.Drain(t.Context()) // returns: it is over
		})
	}
}
