package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/store/aftermath"
	"github.com/aichat-term/aichat/server/store/pgtest"
)

// onBoth runs a test on SQLite and on Postgres.
func onBoth(t *testing.T, test func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, "") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, pgtest.URL(t)) })
}

// world is a server, a provider that says what the test says, and a client.
type world struct {
	t      *testing.T
	server *servertest.Server
	vendor *vendor
	http   *http.Client
	token  string
}

const testModel = "stub/talker"

func newWorld(t *testing.T, database string, change ...func(*servertest.Options)) *world {
	t.Helper()
	v := newVendor(t)
	o := servertest.Options{
		Database:     database,
		DefaultModel: testModel,
		Providers: map[string]server.ProviderConfig{
			"stub": {BaseURL: v.url + "/v1", Key: setting.NewSecret(aftermath.Canary)},
		},
	}
	for _, f := range change {
		f(&o)
	}
	w := &world{t: t, vendor: v, server: servertest.Start(t, o)}
	w.token = w.server.Token
	w.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	t.Cleanup(w.http.CloseIdleConnections)
	return w
}

// vendor speaks Chat Completions, in pieces that come from a channel; a piece of
// "" ends the answer, and so does closing the channel, but without its end.
type vendor struct {
	url    string
	pieces chan string
	gone   chan struct{} // gets one for each call whose caller has gone
	asked  chan struct{} // gets one for each call
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{pieces: make(chan string, 4096), gone: make(chan struct{}, 4096), asked: make(chan struct{}, 4096)}
	srv := httptest.NewServer(v)
	t.Cleanup(srv.Close)
	v.url = srv.URL
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.asked <- struct{}{}
	w.Header().Set("Content-Type", "text/event-stream")
	_ = http.NewResponseController(w).Flush()
	for {
		select {
		case <-r.Context().Done():
			v.gone <- struct{}{}
			return
		case piece, ok := <-v.pieces:
			if !ok {
				return
			}
			if piece == "" {
				_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`+"\n\ndata: [DONE]\n\n")
				return
			}
			text, _ := json.Marshal(piece)
			_, _ = fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%s}}]}\n\n", text)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// say lets the vendor say some pieces.
func (v *vendor) say(pieces ...string) {
	for _, p := range pieces {
		v.pieces <- p
	}
}

// asking is a turn that a test asks for.
type asking struct {
	conversation, question, answer string
}

func newAsking() asking {
	return asking{conversation.NewID(), conversation.NewID(), conversation.NewID()}
}

func (a asking) body() wire.NewTurn {
	return wire.NewTurn{
		ID:       a.answer,
		Question: &wire.Question{ID: a.question, Parts: []wire.Part{{Type: wire.PartText, Text: "Tell me what was " + servertest.Confided + "."}}},
		Create:   &wire.NewConversation{ID: a.conversation, Title: "T"},
	}
}

// request sends JSON and returns the answer, whatever it is.
func (w *world) request(ctx context.Context, method, path string, body any, headers ...string) *http.Response {
	w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, w.server.URL+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp
}

// call sends a request and decodes its answer, which must have that status.
func (w *world) call(status int, method, path string, body, out any) {
	w.t.Helper()
	resp := w.request(w.t.Context(), method, path, body)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != status {
		w.t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, raw, status)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			w.t.Fatalf("%s: %v", raw, err)
		}
	}
}

// told is an event of a stream.
type told struct {
	name, id string
	data     []byte
}

// stream is a turn's stream being read.
type stream struct {
	t      *testing.T
	resp   *http.Response
	events *sse.Reader
	stop   context.CancelFunc
}

func (w *world) open(method, path string, body any, headers ...string) *stream {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	resp := w.request(ctx, method, path, body, append(headers, "Accept", "text/event-stream")...)
	if resp.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	s := &stream{t: w.t, resp: resp, events: sse.NewReader(resp.Body, 0), stop: cancel}
	w.t.Cleanup(s.close)
	return s
}

func (w *world) begin(a asking) *stream {
	w.t.Helper()
	return w.open("POST", wire.ConversationPath(a.conversation, wire.BelowTurns), a.body())
}

func (w *world) follow(a asking, lastEventID string) *stream {
	w.t.Helper()
	return w.open("GET", wire.TurnPath(a.answer, wire.BelowEvents), nil, wire.HeaderLastEventID, lastEventID)
}

func (s *stream) close() {
	s.stop()
	_ = s.resp.Body.Close()
}

// next is the next event; ok is false at the end of the stream.
func (s *stream) next() (ev told, ok bool) {
	e, err := s.events.Next()
	if err != nil {
		return told{}, false
	}
	return told{e.Name, e.ID, bytes.Clone(e.Data)}, true
}

// rest is every event up to the end.
func (s *stream) rest() []told {
	var all []told
	for ev, ok := s.next(); ok; ev, ok = s.next() {
		all = append(all, ev)
	}
	return all
}

// until reads up to and with the first event of that name.
func (s *stream) until(name string) []told {
	s.t.Helper()
	var all []told
	for ev, ok := s.next(); ok; ev, ok = s.next() {
		all = append(all, ev)
		if ev.name == name {
			return all
		}
	}
	s.t.Fatalf("the stream ended without %s: %v", name, names(all))
	return nil
}

func names(events []told) (all []string) {
	for _, ev := range events {
		all = append(all, ev.name)
	}
	return all
}

// text is what a client shows that has heard the events.
func text(t *testing.T, events []told) string {
	t.Helper()
	var shown strings.Builder
	for _, ev := range events {
		switch ev.name {
		case wire.EventDelta:
			var d wire.Delta
			decode(t, ev.data, &d)
			shown.WriteString(d.Text)
		case wire.EventSnapshot:
			var s wire.Snapshot
			decode(t, ev.data, &s)
			shown.Reset()
			for _, p := range s.Parts {
				shown.WriteString(p.Text)
			}
		}
	}
	return shown.String()
}

func decode(t *testing.T, raw []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
}

// ended is the end that the last event tells.
func ended(t *testing.T, events []told) (name string, end wire.End) {
	t.Helper()
	terminal := 0
	for _, ev := range events {
		if wire.Terminal(ev.name) {
			terminal++
		}
	}
	if terminal != 1 || !wire.Terminal(events[len(events)-1].name) {
		t.Fatalf("not one end, at the end: %v", names(events))
	}
	decode(t, events[len(events)-1].data, &end)
	return events[len(events)-1].name, end
}

// answer is the stored answer.
func (w *world) answer(a asking) (wire.Message, string) {
	w.t.Helper()
	var page wire.MessagePage
	w.call(200, "GET", wire.ConversationPath(a.conversation, wire.BelowMessages), nil, &page)
	for _, m := range page.Messages {
		if m.ID == a.answer {
			var all strings.Builder
			for _, p := range m.Parts {
				all.WriteString(p.Text)
			}
			return m, all.String()
		}
	}
	w.t.Fatalf("the answer is not among %d messages", len(page.Messages))
	return wire.Message{}, ""
}
