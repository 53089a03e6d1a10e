package client_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
)

const (
	convID = "0197a2c4-0000-7000-8000-00000000c001"
	turnID = "0197a2c4-0000-7000-8000-00000000a001"
)

var question = wire.NewTurn{
	ID:       turnID,
	Question: &wire.Question{ID: "0197a2c4-0000-7000-8000-00000000b001", Parts: []wire.Part{{Type: wire.PartText, Text: "Why?"}}},
}

// atOnce reconnects without waiting.
var atOnce = client.Retry{Base: 1, Cap: 1}

// answer is a turn's answer as a server keeps it.
type answer struct {
	pieces []string // text
	end    string   // name of the terminal event
}

var poem = answer{end: wire.EventCompleted, pieces: []string{
	"Roses", " are red,\n", "violets", " sind blau 🌷", "\n\nid: 7\ndata: no\n\n", "…", "fin",
}}

func (a answer) text() string { return strings.Join(a.pieces, "") }

// events are the bytes of the stream from a position on, and where each event
// ends in them.
func (a answer) events(from int) (stream []byte, ends []int) {
	add := func(id, name string, data any) {
		b, err := json.Marshal(data)
		if err != nil {
			panic(err)
		}
		stream = sse.AppendEvent(stream, id, name, b)
		ends = append(ends, len(stream))
	}
	add("", wire.EventTurn, wire.Turn{ID: turnID, Conversation: convID, State: wire.StateRunning})
	at := 0
	for _, piece := range a.pieces {
		if at += len(piece); at > from {
			add(strconv.Itoa(at), wire.EventDelta, wire.Delta{Type: wire.PartText, Text: piece})
			stream = sse.AppendComment(stream, "")
		}
	}
	add(strconv.Itoa(at), a.end, wire.End{Message: wire.Message{ID: turnID, State: wire.StateComplete}, Title: "A poem"})
	return stream, ends
}

// fake serves one turn. Its answers to requests may be cut short.
type fake struct {
	answer answer

	// serve writes the stream; connection counts from 0. nil writes all of it.
	serve func(w http.ResponseWriter, connection int, stream []byte)

	mu       sync.Mutex
	requests []string // "POST" or "GET last-event-id"
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from, seen := 0, r.Header.Get(wire.HeaderLastEventID)
	if seen != "" {
		from, _ = strconv.Atoi(seen)
	}
	n := f.note(strings.TrimSpace(r.Method + " " + seen))
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	stream, _ := f.answer.events(from)
	if f.serve == nil {
		_, _ = w.Write(stream)
		return
	}
	f.serve(w, n, stream)
}

func (f *fake) note(request string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, request)
	return len(f.requests) - 1
}

func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// newClient is a client of that server.
func newClient(t testing.TB, url string, o client.Options) *client.Client {
	t.Helper()
	o.BaseURL = url
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// heard is what a stream told.
type heard struct {
	names  []string // without connection events
	deltas []string
	lost   int
	found  int
	end    *wire.End
}

// listen reads a stream to its end.
func listen(ctx context.Context, s *client.Stream) (heard, error) {
	var h heard
	for {
		ev, err := s.Next(ctx)
		if err != nil {
			return h, err
		}
		switch {
		case ev.Connection == nil:
			h.names = append(h.names, ev.Name)
		case ev.Connection.Lost:
			h.lost++
		default:
			h.found++
		}
		if ev.Delta != nil {
			h.deltas = append(h.deltas, ev.Delta.Text)
		}
		if ev.End != nil {
			h.end = ev.End
		}
	}
}

// inMemory is a transport without sockets, for tests on a clock of their own.
type inMemory func(r *http.Request) (*http.Response, error)

func (f inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, context.Cause(r.Context())
	}
	return f(r)
}

// respond is an answer with a body.
func respond(r *http.Request, status int, mediaType string, body io.ReadCloser, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {mediaType}}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status),
		Header: h, Body: body, Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}
}

// refuse is a problem.
func refuse(r *http.Request, p wire.Problem) *http.Response {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return respond(r, p.Status, wire.ProblemType, io.NopCloser(strings.NewReader(string(b))))
}

// live is a stream whose bytes write writes; it ends when write returns, in
// good order or with the error.
func live(r *http.Request, write func(ctx context.Context, w io.Writer) error) *http.Response {
	pr, pw := io.Pipe()
	ctx, cancel := context.WithCancel(r.Context())
	context.AfterFunc(ctx, func() { pw.CloseWithError(context.Cause(ctx)) })
	go func() { pw.CloseWithError(write(ctx, pw)) }()
	return respond(r, http.StatusOK, "text/event-stream", body{pr, cancel})
}

type body struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b body) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

// pause waits on the test's clock.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
