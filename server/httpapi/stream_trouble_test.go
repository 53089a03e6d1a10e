package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/turn"
)

// clocked is a connection that remembers the deadline of its writes.
type clocked struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (c *clocked) SetWriteDeadline(at time.Time) error {
	c.deadlines = append(c.deadlines, at)
	return nil
}

func (c *clocked) SetReadDeadline(time.Time) error { return nil }

// A connection has a deadline while it streams, and none when it serves again.
func TestDeadlineIsTakenAway(t *testing.T) {
	t.Parallel()
	now := noon
	w := newWorld(t, func(o *httpapi.Options) {
		o.Patience = 30 * time.Second
		o.Now = func() time.Time { now = now.Add(time.Second); return now }
	})
	w.turns.feeds[aTurn] = func(int64) turn.Feed {
		return newScript(text("a", 1), text("b", 2), text("c", 3), end(conversation.Complete, 3))
	}
	req := httptest.NewRequest("GET", wire.TurnPath(aTurn, wire.BelowEvents), nil)
	c := &clocked{ResponseRecorder: httptest.NewRecorder()}
	w.api.ServeHTTP(c, req.WithContext(httpapi.LocalContext(t.Context())))
	if n := len(c.deadlines); n != 2 || c.deadlines[0].IsZero() || !c.deadlines[1].IsZero() {
		t.Errorf("deadlines %v", c.deadlines)
	}
}

// A client that takes nothing loses its own connection, and nobody else's.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Patience = 50 * time.Millisecond })
	endless := &flood{script: newScript()}
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return endless }
	w.turns.feeds[bTurn] = func(int64) turn.Feed { return newScript(text("quick", 5), end(conversation.Complete, 5)) }

	w.dial("GET", wire.TurnPath(aTurn, wire.BelowEvents), "HTTP/1.1")
	if events := w.events(w.call("GET", wire.TurnPath(bTurn, wire.BelowEvents), "")); len(events) != 3 {
		t.Errorf("the other client heard %+v", events)
	}
	<-endless.closed // the server gave up on the one that does not read
}

// flood is a feed that always has more.
type flood struct {
	*script
	position int64
}

func (f *flood) Next(ctx context.Context, _ time.Duration) (turn.Update, error) {
	if err := ctx.Err(); err != nil {
		return turn.Update{}, err
	}
	const piece = 64 << 10
	f.position += piece
	return text(strings.Repeat("x", piece), f.position), nil
}

// brokenFeed panics when it is asked for more.
type brokenFeed struct{ *script }

func (f brokenFeed) Next(ctx context.Context, idle time.Duration) (turn.Update, error) {
	if len(f.updates) == 0 {
		panic("a mistake")
	}
	return f.script.Next(ctx, idle)
}

// A stream that panics is cut, and nothing else is.
func TestPanicInAStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feed := newScript(text("a", 1))
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return brokenFeed{feed} }
	resp := w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), "")
	if body, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%s, %v", body, err)
	}
	<-feed.closed
	w.api.Drain(t.Context())
	if log := w.log.String(); !strings.Contains(log, "a mistake") || !strings.Contains(log, "brokenFeed") || strings.Count(log, `"msg":"request"`) != 1 {
		t.Error(log)
	}
	if resp := w.call("GET", wire.PathHealth, ""); resp.StatusCode != 204 {
		t.Errorf("then %d", resp.StatusCode)
	}
}

// endings are what ends a stream that goes on.
var endings = map[string]func(w *world){
	"revoked": func(w *world) { w.api.End(aSession) },
	"the server's": func(w *world) {
		ctx, cancel := context.WithCancel(w.t.Context())
		cancel()
		w.api.Drain(ctx)
	},
}

// The end of a stream that nobody reads does not wait for its reader.
func TestEndOfAStreamNobodyReads(t *testing.T) {
	t.Parallel()
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *httpapi.Options) { o.Patience = time.Hour })
			endless := &flood{script: newScript()}
			w.turns.feeds[aTurn] = func(int64) turn.Feed { return endless }
			in := bufio.NewReader(w.dial("GET", wire.TurnPath(aTurn, wire.BelowEvents), "HTTP/1.1"))
			if _, err := in.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			end(w)
			<-endless.closed
			w.api.Drain(t.Context()) // returns: it is over
		})
	}
}

// A feed that fails ends the stream without a terminal event, so that the
// client comes back.
func TestUnfinishedStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.turns.feeds[aTurn] = func(int64) turn.Feed {
		f := newScript(text("a", 1))
		f.err = &fault.Error{Kind: fault.Unavailable}
		return f
	}
	events := w.events(w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), ""))
	if len(events) != 2 || wire.Terminal(events[1].Name) {
		t.Errorf("%+v", events)
	}
}

func TestSilenceIsFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) { o.Heartbeat = time.Millisecond })
	feed := newScript()
	feed.hold = true
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return feed }
	for _, path := range []string{wire.TurnPath(aTurn, wire.BelowEvents), wire.PathEvents} {
		resp := w.call("GET", path, "")
		lines := bufio.NewScanner(resp.Body)
		for beats := 0; beats < 3; {
			if !lines.Scan() {
				t.Fatalf("%s: %v", path, lines.Err())
			}
			if strings.HasPrefix(lines.Text(), ":") {
				beats++
			}
		}
		_ = resp.Body.Close()
	}
	<-feed.closed // a client that goes lets go of the turn
}
