package turn_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/turn"
)

// tap is a provider whose one answer comes when the benchmark says so.
type tap struct {
	provider.Provider
	drops chan string
}

func (p *tap) Stream(context.Context, provider.Endpoint, *provider.Request) (provider.Stream, error) {
	return p, nil
}

func (p *tap) Next(ev *provider.Event) error {
	text, ok := <-p.drops
	if !ok {
		return io.EOF
	}
	*ev = provider.Event{Type: provider.TextDelta, Text: text}
	return nil
}

func (p *tap) Close() error { return nil }

// BenchmarkDelta is the way of one piece of an answer: from the provider through
// the turn's log to one client that waits for it, and to a hundred.
func BenchmarkDelta(b *testing.B) {
	for _, bc := range []struct {
		name  string
		feeds int
	}{{"one client", 1}, {"100 clients", 100}} {
		b.Run(bc.name, func(b *testing.B) { benchmarkDelta(b, bc.feeds) })
	}
}

func benchmarkDelta(b *testing.B, clients int) {
	cat, err := provider.LoadCatalogue([]byte(`{"models": [{"provider": "openai", "name": "gpt-test", "context": 1099511627776, "default": true}]}`)) // whose answers may be of any length
	if err != nil {
		b.Fatal(err)
	}
	source := &tap{drops: make(chan string)}
	directory := provider.NewDirectory(provider.DirectoryOptions{
		Catalogue: cat, Vendors: map[provider.API]provider.Provider{provider.OpenAIResponses: source},
		Endpoints: []provider.Endpoint{{Provider: "openai", API: provider.OpenAIResponses}},
		OllamaURL: func(string) (string, error) { return "", errors.New("none") }, NoProbe: true,
	})
	quiet := slog.New(slog.DiscardHandler)
	store := newMemory()
	s := turn.New(turn.Options{Store: store, Conversations: chats{store}, Ledger: store, Directory: directory,
		Caller: generate.New(generate.Options{Logger: quiet, MaxAnswer: 1 << 40}), Logger: quiet})
	who := identity.Principal{User: "u", Account: "a"}
	req := turn.Request{ID: turn.ID(conversation.NewID()), Ephemeral: true,
		Question: &turn.Question{ID: conversation.MessageID(conversation.NewID()), Parts: []conversation.Part{{Type: conversation.Text, Text: "?"}}}}

	took := make(chan error, clients)
	for i := range clients {
		feed, _, err := s.Begin(b.Context(), who, req, 0)
		if err != nil {
			b.Fatal(i, err)
		}
		go func() {
			defer feed.Close()
			var err error
			for err == nil {
				var u turn.Update
				if u, err = feed.Next(b.Context(), 15*time.Second); u.Text != nil {
					took <- nil
				}
			}
			if !errors.Is(err, io.EOF) {
				took <- err
			}
		}()
	}
	b.ReportAllocs()
	for b.Loop() {
		source.drops <- "word "
		for range clients {
			if err := <-took; err != nil {
				b.Fatal(err)
			}
		}
	}
	close(source.drops)
	if err := s.Stop(context.Background()); err != nil {
		b.Fatal(err)
	}
}
