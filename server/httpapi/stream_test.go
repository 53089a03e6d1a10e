package httpapi_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/turn"
)

// text is an update of plain text that ends at a position.
func text(s string, position int64) turn.Update {
	return turn.Update{Text: []byte(s), Position: position, Runs: []turn.Run{{Kind: turn.RunText, End: position}}}
}

func end(state conversation.State, position int64) turn.Update {
	return turn.Update{Position: position, End: &turn.End{Title: "T", RetryAfter: 1500 * time.Millisecond, Answer: conversation.Message{
		ID: aTurn, Conversation: aConv, Parent: aMessage, Role: conversation.Assistant, State: state,
		Parts: []conversation.Part{{Type: conversation.Text, Text: "told already"}}, CreatedAt: noon, FinishedAt: noon,
	}}}
}

// asked is a valid body of a turn.
const asked = `{"id":"` + aTurn + `","question":` + aQuestion + `}`

func (w *world) events(resp *http.Response) []sse.Event { return w.eventsUntil(resp, false) }

// eventsUntil reads the stream to its end, or its first event only.
func (w *world) eventsUntil(resp *http.Response, first bool) []sse.Event {
	w.t.Helper()
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "text/event-stream" {
		w.t.Fatalf("%d %s: %s", resp.StatusCode, got, w.read(resp))
	}
	var all []sse.Event
	for r := sse.NewReader(resp.Body, 0); ; {
		ev, err := r.Next()
		if err != nil {
			return all
		}
		ev.Data = append([]byte(nil), ev.Data...) // it is the reader's until the next event
		all = append(all, ev)
		if first {
			return all
		}
	}
}

func TestStreamOfATurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feed := newScript(
		turn.Update{Notice: &turn.Notice{Code: wire.NoticeRetrying, Text: "again"}},
		text("Hello, ", 7), text("world", 12),
		turn.Update{Snapshot: true, Text: []byte("Hell"), Position: 4, Runs: []turn.Run{{Kind: turn.RunText, End: 4}}},
		end(conversation.Interrupted, 4),
	)
	w.turns.feeds[aTurn] = func(after int64) turn.Feed {
		if after != 0 {
			t.Errorf("from %d", after)
		}
		return feed
	}
	resp := w.call("POST", wire.ConversationPath(aConv, wire.BelowTurns), asked, "Accept", "text/event-stream")
	events := w.events(resp)
	want := []struct{ name, id, data string }{
		{wire.EventTurn, "", `"state":"running"`},
		{wire.EventNotice, "", `{"code":"retrying","text":"again"}`},
		{wire.EventDelta, "7", `{"part":0,"type":"text","text":"Hello, "}`},
		{wire.EventDelta, "12", `{"part":0,"type":"text","text":"world"}`},
		{wire.EventSnapshot, "4", `{"parts":[{"type":"text","text":"Hell"}]}`},
		{wire.EventInterrupted, "4", `"parts":[],"state":"interrupted"`},
	}
	id := ""
	for i, want := range want {
		if want.id != "" {
			id = want.id // an event without an id leaves the last one standing
		}
		if i >= len(events) || events[i].Name != want.name || events[i].ID != id || !strings.Contains(string(events[i].Data), want.data) {
			t.Fatalf("event %d of %d: %+v, want %+v", i, len(events), events[min(i, len(events)-1)], want)
		}
	}
	var e wire.End
	if err := json.Unmarshal(events[5].Data, &e); err != nil || e.Title != "T" || e.RetryAfter != 2 {
		t.Errorf("%+v, %v", e, err)
	}
	if strings.Contains(string(events[5].Data), "told already") {
		t.Error("the end repeats the text")
	}
	for name, want := range map[string]string{"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	<-feed.closed
}

func TestEachStateHasItsEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for state, name := range map[conversation.State]string{
		conversation.Complete: wire.EventCompleted, conversation.Cancelled: wire.EventCancelled,
		conversation.Failed: wire.EventFailed, conversation.Interrupted: wire.EventInterrupted,
	} {
		w.turns.feeds[aTurn] = func(int64) turn.Feed { return newScript(end(state, 0)) }
		events := w.events(w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), ""))
		if len(events) != 2 || events[1].Name != name {
			t.Errorf("%s: %+v", state, events)
		}
	}
}

func TestAcceptDecides(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		accept  string
		created bool
		status  int
		stream  bool
	}{
		{"text/event-stream", true, 200, true},
		{"text/event-stream, application/json", false, 200, true},
		{"application/json, text/event-stream", true, 201, false},
		{"application/json", true, 201, false},
		{"", true, 201, false},
		{"*/*", false, 200, false},
	} {
		w := newWorld(t)
		feed := newScript(end(conversation.Complete, 0))
		w.turns.feeds[aTurn], w.turns.created = func(int64) turn.Feed { return feed }, tc.created
		resp := w.call("POST", wire.ConversationPath(aConv, wire.BelowTurns), asked, "Accept", tc.accept)
		stream := resp.Header.Get("Content-Type") == "text/event-stream"
		if resp.StatusCode != tc.status || stream != tc.stream {
			t.Errorf("%q: %d, stream %v", tc.accept, resp.StatusCode, stream)
		}
		_ = w.read(resp)
		<-feed.closed
	}
}

func TestWhatIsAskedOfATurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.turns.feeds[aTurn] = func(int64) turn.Feed { return newScript(end(conversation.Complete, 0)) }
	resp := w.call("POST", wire.ConversationPath(aConv, wire.BelowTurns), `{"id":"`+aTurn+`","question":`+aQuestion+`,
		"parent":"root","model":"demo/demo","system":"","max_tokens":5,"temperature":0,
		"create":{"id":"`+aConv+`","origin":"ask","title":" a  title\n"}}`)
	if resp.StatusCode != 200 {
		t.Fatal(w.read(resp))
	}
	req := w.turns.begun[0]
	if req.ID != aTurn || req.Conversation != aConv || !req.Root || req.Parent != "" || req.Model != "demo/demo" ||
		*req.System != "" || *req.MaxTokens != 5 || *req.Temperature != 0 || req.Question.Parts[0].Text != "hi" {
		t.Errorf("%+v", req)
	}
	if c := req.Create; c.Account != anAcct || c.Title != "a title" || c.Origin != conversation.FromAsk || c.Listed {
		t.Errorf("%+v", c)
	}
	if w.turns.by.User != aUser || w.turns.by.Local {
		t.Errorf("%+v", w.turns.by)
	}
}

func TestContinuing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var from int64
	w.turns.feeds[aTurn] = func(after int64) turn.Feed {
		from = after
		return newScript(end(conversation.Complete, after))
	}
	_ = w.events(w.call("GET", wire.TurnPath(aTurn, wire.BelowEvents), "", wire.HeaderLastEventID, "42"))
	if from != 42 {
		t.Errorf("from %d", from)
	}
	for _, bad := range []string{"-1", "x", "1.5", "9223372036854775808", " 1"} {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", w.url+wire.TurnPath(aTurn, wire.BelowEvents), nil)
		req.Header = http.Header{"Authorization": {"Bearer " + w.token}, wire.HeaderLastEventID: {bad}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(bad) == bad {
			if p := w.problem(resp); p.Code != wire.InvalidRequest {
				t.Errorf("%q: %+v", bad, p)
			}
		}
		_ = resp.Body.Close()
	}
}

func TestTurnRunningNamesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.turns.failWith = &fault.Error{Kind: fault.TurnRunning, Subject: bTurn}
	p := w.problem(w.call("POST", wire.ConversationPath(aConv, wire.BelowTurns), asked, "Accept", "text/event-stream"))
	if p.Status != 409 || p.Code != wire.TurnRunning || p.Subject != bTurn {
		t.Errorf("%+v", p)
	}
	w.turns.failWith = &fault.Error{Kind: fault.RateLimited, RetryAfter: 1500 * time.Millisecond}
	resp := w.call("POST", wire.ConversationPath(aConv, wire.BelowTurns), asked)
	if p := w.problem(resp); p.RetryAfter != 2 || resp.Header.Get("Retry-After") != "2" {
		t.Errorf("%+v", p)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changes.revisions <- 7
	resp := w.call("GET", wire.PathEvents, "")
	r := sse.NewReader(resp.Body, 0)
	if ev, err := r.Next(); err != nil || ev.Name != wire.EventChanged || ev.ID != "7" || string(ev.Data) != `{"rev":7}` {
		t.Fatalf("%+v, %v", ev, err)
	}
	w.api.CloseStreams()
	if ev, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %+v, %v", ev, err)
	}
}

// dial sends a request as it stands, of HTTP/1.1 unless that says otherwise.
func (w *world) dial(method, path, protocol string) net.Conn {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	if _, err = io.WriteString(conn, method+" "+path+" "+protocol+"\r\nHost: x\r\nAuthorization: Bearer "+w.token+"\r\n\r\n"); err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// Promise: one line in the log for each request, a stream's at its end; whatever
// the stream is written to.
func TestLineOfAStream(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/1.0"} {
		now := time.Now() // connections' deadlines are real
		var mu sync.Mutex
		w := newWorld(t, func(o *httpapi.Options) {
			o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); now = now.Add(time.Second); return now }
		})
		w.turns.feeds[aTurn] = func(int64) turn.Feed { return newScript(text("a", 1), end(conversation.Complete, 1)) }
		resp, err := http.ReadResponse(bufio.NewReader(w.dial("GET", wire.TurnPath(aTurn, wire.BelowEvents), protocol)), nil)
		if err != nil {
			t.Fatal(err, w.log)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || !strings.Contains(string(body), "event: "+wire.EventCompleted) || resp.Header.Get(wire.HeaderVersion) != "1.2.3" ||
			(len(resp.TransferEncoding) > 0) != (protocol == "HTTP/1.1") {
			t.Errorf("%s: %+v %s %v", protocol, resp, body, err)
		}
		_ = resp.Body.Close()
		var line struct {
			Msg, Method, Route, User, Session string
			Status                            int
			Duration                          time.Duration
		}
		lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
		if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || len(lines) != 1 {
			t.Fatalf("%v %q", err, lines)
		}
		if line.Msg != "request" || line.Method != "GET" || line.Route != "/api/v1/turns/:id/events" || line.User != aUser || line.Session != aSession ||
			line.Status != 200 || line.Duration < 3*time.Second {
			t.Errorf("%s: %+v", protocol, line)
		}
	}
}
