package httpapi_test

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/turn"
)

// turns is a fake of the verb: feeds by turn.
type turns struct {
	mu        sync.Mutex
	feeds     map[turn.ID]func(after int64) turn.Feed
	begun     []turn.Request
	by        identity.Principal
	cancelled []turn.ID
	failWith  error
	created   bool
	retiring  bool
}

func (s *turns) Begin(_ context.Context, p identity.Principal, req turn.Request, after int64) (turn.Feed, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun, s.by = append(s.begun, req), p
	if s.failWith != nil {
		return nil, false, s.failWith
	}
	return s.feeds[req.ID](after), s.created, nil
}

func (s *turns) Attach(_ context.Context, _ identity.Principal, id turn.ID, after int64) (turn.Feed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.feeds[id]; ok {
		return f(after), nil
	}
	return nil, &fault.Error{Kind: fault.NotFound}
}

func (s *turns) Status(_ context.Context, _ identity.Principal, id turn.ID) (turn.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.feeds[id]; ok {
		return f(0).Status(), nil
	}
	return turn.Status{}, &fault.Error{Kind: fault.NotFound}
}

func (s *turns) Cancel(_ context.Context, _ identity.Principal, id turn.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancelled = append(s.cancelled, id)
	return nil
}

func (s *turns) Running() int { return 3 }

func (s *turns) Retiring() bool { return s.retiring }

// script is a feed that tells what it was given, then fails with err or waits.
type script struct {
	status  turn.Status
	updates []turn.Update
	err     error
	hold    bool // wait for ctx after the updates
	closed  chan struct{}
	once    sync.Once
}

func newScript(updates ...turn.Update) *script {
	return &script{
		status:  turn.Status{ID: aTurn, Conversation: aConv, Question: aMessage, Model: "demo/demo", State: turn.Running, StartedAt: noon},
		updates: updates, err: io.EOF, closed: make(chan struct{}),
	}
}

func (f *script) Status() turn.Status { return f.status }

func (f *script) Next(ctx context.Context, idle time.Duration) (turn.Update, error) {
	if len(f.updates) > 0 {
		u := f.updates[0]
		f.updates = f.updates[1:]
		return u, nil
	}
	if !f.hold {
		return turn.Update{}, f.err
	}
	quiet := time.NewTimer(idle)
	defer quiet.Stop()
	select {
	case <-ctx.Done():
		return turn.Update{}, ctx.Err()
	case <-quiet.C:
		return turn.Update{Idle: true}, nil
	}
}

func (f *script) Close() { f.once.Do(func() { close(f.closed) }) }

type models struct {
	asked  provider.Caller
	offers []provider.Offer // none: the usual ones
}

func (m *models) Models(_ context.Context, c provider.Caller) ([]provider.Offer, []provider.Problem) {
	m.asked = c
	if m.offers != nil {
		return m.offers, nil
	}
	return []provider.Offer{
			{Model: provider.Model{Provider: "anthropic", Name: "claude", Price: &provider.Price{Input: 1}, Listed: true}, Usable: true, Default: true},
			{Model: provider.Model{Provider: "demo", Name: "demo"}, Usable: true},
		}, []provider.Problem{
			{Provider: "openai", Err: &fault.Error{Kind: fault.ProviderUnreachable}},
		}
}

func (m *models) Route(_ context.Context, _ provider.Caller, model string) (provider.Route, error) {
	switch model {
	case "claude", "anthropic/claude":
		return provider.Route{Model: provider.Model{Provider: "anthropic", Name: "claude"}}, nil
	case "gemini/pro":
		return provider.Route{}, &fault.Error{Kind: fault.NoKey}
	}
	return provider.Route{}, &fault.Error{Kind: fault.ModelUnknown}
}

type changes struct{ revisions chan int64 }

func (c *changes) Watch(identity.AccountID) (<-chan int64, func()) { return c.revisions, func() {} }
