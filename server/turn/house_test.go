package turn_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/turn"
)

// script is a provider that plays what a test wrote: one step list for each
// call, in order; calls beyond the script repeat its last.
type script struct {
	mu       sync.Mutex
	calls    [][]step
	requests []*provider.Request
	ended    int // streams closed
}

// step is one thing that the scripted provider does.
type step struct {
	ev    provider.Event
	wait  time.Duration // before it
	err   error         // instead of an event
	begin bool          // err is Stream's, not Next's
}

func say(text string) step {
	return step{ev: provider.Event{Type: provider.TextDelta, Text: text}}
}
func after(d time.Duration, s step) step { s.wait = d; return s }
func broken(err error) step              { return step{err: err} }
func refused(err error) step             { return step{err: err, begin: true} }

func used(in, out int64) step {
	return step{ev: provider.Event{Type: provider.UsageNow, Usage: provider.Usage{Input: in, Output: out}}}
}

func stop() step {
	return step{ev: provider.Event{Type: provider.Finish, Finish: provider.Stop}}
}

func (s *script) Stream(ctx context.Context, _ provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	steps := s.calls[min(len(s.requests), len(s.calls)-1)]
	s.requests = append(s.requests, req)
	if len(steps) > 0 && steps[0].begin {
		return nil, steps[0].err
	}
	return &playing{ctx: ctx, script: s, steps: steps}, nil
}

func (s *script) Models(context.Context, provider.Endpoint) ([]provider.Model, error) {
	return nil, nil
}

func (s *script) asked(i int) *provider.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[i]
}

func (s *script) count() (calls, closed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests), s.ended
}

type playing struct {
	ctx    context.Context
	script *script
	steps  []step
}

func (p *playing) Next(ev *provider.Event) error {
	if len(p.steps) == 0 {
		return io.EOF
	}
	next := p.steps[0]
	p.steps = p.steps[1:]
	select {
	case <-time.After(next.wait):
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
	*ev = next.ev
	return next.err
}

func (p *playing) Close() error {
	p.script.mu.Lock()
	defer p.script.mu.Unlock()
	p.script.ended++
	return nil
}

// house is a service on a memory and a script.
type house struct {
	*turn.Service
	t      *testing.T
	store  *memory
	script *script
	who    identity.Principal
	conv   conversation.ID
}

const model = "openai/gpt-test"

// catalogue holds one model with a small window, and its cheap sibling.
const catalogue = `{"models": [
 {"provider": "openai", "name": "gpt-test", "context": 1000, "output": 500, "default": true,
  "price": {"input": 1000000, "cached_read": 100000, "cached_write": 1000000, "output": 2000000}},
 {"provider": "openai", "name": "gpt-cheap", "context": 10000, "output": 500, "small": true,
  "price": {"input": 1000, "cached_read": 1000, "cached_write": 1000, "output": 1000}}]}`

// build makes a service that has not started.
func build(t *testing.T, store *memory, calls ...[]step) *house {
	t.Helper()
	return buildWith(t, store, func(*turn.Options) {}, calls...)
}

// buildWith is build with other options.
func buildWith(t *testing.T, store *memory, change func(*turn.Options), calls ...[]step) *house {
	t.Helper()
	cat, err := provider.LoadCatalogue([]byte(catalogue))
	if err != nil {
		t.Fatal(err)
	}
	sc := &script{calls: calls}
	quiet := slog.New(slog.NewTextHandler(t.Output(), nil))
	directory := provider.NewDirectory(provider.DirectoryOptions{
		Catalogue: cat, Vendors: map[provider.API]provider.Provider{provider.OpenAIResponses: sc},
		Endpoints: []provider.Endpoint{{Provider: "openai", API: provider.OpenAIResponses}},
		OllamaURL: func(string) (string, error) { return "", errors.New("none") }, NoProbe: true,
	})
	o := turn.Options{Store: store, Conversations: chats{store}, Ledger: store, Directory: directory,
		Caller: generate.New(generate.Options{Logger: quiet, Jitter: func() float64 { return 1 }}), Logger: quiet}
	change(&o)
	return &house{Service: turn.New(o), t: t, store: store, script: sc, conv: conversation.ID(conversation.NewID()),
		who: identity.Principal{User: "u", Account: "a", Local: true}}
}

// open starts a service, and stops it when the test ends.
func open(t *testing.T, calls ...[]step) *house {
	t.Helper()
	return openWith(t, func(*turn.Options) {}, calls...)
}

// openWith is open with other options.
func openWith(t *testing.T, change func(*turn.Options), calls ...[]step) *house {
	t.Helper()
	h := buildWith(t, newMemory(), change, calls...)
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return h
}

// question is a request for a turn of the house's conversation.
func (h *house) question(text string) turn.Request {
	return turn.Request{
		ID: turn.ID(conversation.NewID()), Conversation: h.conv,
		Create:   &conversation.Conversation{ID: h.conv, Origin: conversation.FromAsk, Listed: true},
		Question: &turn.Question{ID: conversation.MessageID(conversation.NewID()), Parts: []conversation.Part{{Type: conversation.Text, Text: text}}},
	}
}

func (h *house) begin(req turn.Request) turn.Feed {
	h.t.Helper()
	feed, created, err := h.Begin(h.t.Context(), h.who, req, 0)
	if err != nil || !created {
		h.t.Fatalf("begin: created %v, %v", created, err)
	}
	return feed
}

// told is what a feed told, from where it began to its end.
type told struct {
	text      strings.Builder
	positions []int64
	notices   []string
	idle      int
	snapshots int
	end       *turn.End
}

// read follows a feed to its end.
func read(t *testing.T, feed turn.Feed) *told {
	t.Helper()
	defer feed.Close()
	var got told
	for {
		u, err := feed.Next(t.Context(), 15*time.Second)
		if errors.Is(err, io.EOF) {
			return &got
		}
		if err != nil {
			t.Fatal(err)
		}
		got.take(u)
	}
}

func (g *told) take(u turn.Update) {
	switch {
	case u.Idle:
		g.idle++
	case u.Notice != nil:
		g.notices = append(g.notices, u.Notice.Code)
	case u.End != nil:
		g.end = u.End
	case u.Snapshot:
		g.snapshots++
		g.text.Reset()
		fallthrough
	default:
		g.text.Write(u.Text)
		g.positions = append(g.positions, u.Position)
	}
}

// inTime runs a test on a clock of its own.
func inTime(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// pass lets time go by: within synctest's bubble it moves the clock and waits for
// nobody.
func pass(d time.Duration) {
	time.Sleep(d)
}

func (h *house) stored(id turn.ID) conversation.Message {
	h.t.Helper()
	m, err := chats{h.store}.Message(h.t.Context(), "a", id)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}
