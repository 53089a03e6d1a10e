package generate_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// canned is a provider whose every stream brings the same events, then err.
type canned struct {
	events []provider.Event
	err    error
}

func (c canned) Stream(context.Context, provider.Endpoint, *provider.Request) (provider.Stream, error) {
	return &cannedStream{c}, nil
}

func (c canned) Models(context.Context, provider.Endpoint) ([]provider.Model, error) {
	return nil, nil
}

type cannedStream struct{ canned }

func (s *cannedStream) Next(ev *provider.Event) error {
	if len(s.events) == 0 {
		return s.err
	}
	*ev, s.events = s.events[0], s.events[1:]
	return nil
}

func (s *cannedStream) Close() error { return nil }

type count struct{ events, flushes int }

func (c *count) Event(*provider.Event)  { c.events++ }
func (c *count) Flush()                 { c.flushes++ }
func (c *count) Retrying(generate.Next) {}

func text(s string) provider.Event { return provider.Event{Type: provider.TextDelta, Text: s} }

func now(u provider.Usage) provider.Event {
	return provider.Event{Type: provider.UsageNow, Usage: u}
}

var finish = provider.Event{Type: provider.Finish, Finish: provider.Stop}

func TestWhatIsWrittenInTheLedger(t *testing.T) {
	t.Parallel()
	price := &provider.Price{Input: 1_000_000, CachedRead: 100_000, CachedWrite: 1_250_000, Output: 2_000_000}
	prompt := strings.Repeat("p", 396) // 99 tokens, and 4 for the message
	broken := fault.New(fault.ProviderTruncated, "")
	for _, tc := range []struct {
		name   string
		events []provider.Event
		err    error
		price  *provider.Price
		want   usage.Entry
	}{
		{"reported", []provider.Event{text("hi"), now(provider.Usage{Input: 10, CachedRead: 100, CachedWrite: 8, Output: 5, Reasoning: 2}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 10, CachedRead: 100, CachedWrite: 8, Output: 5, Reasoning: 2}, Source: usage.Reported,
				PriceKnown: true, CostMicroUSD: 40, Outcome: usage.Completed}},
		{"not reported: an estimate, never zero", []provider.Event{text("12345678"), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 103, Output: 2}, Source: usage.Estimated, PriceKnown: true, CostMicroUSD: 107, Outcome: usage.Completed}},
		{"broken off: what was seen, if it is more", []provider.Event{now(provider.Usage{Input: 50, Output: 1}), text("0123456789")}, broken, price,
			usage.Entry{Tokens: provider.Usage{Input: 50, Output: 3}, Source: usage.Estimated, PriceKnown: true, CostMicroUSD: 56, Outcome: usage.Failed, ErrorCode: "provider_truncated"}},
		{"absurd prompt: an estimate of it", []provider.Event{text("x"), now(provider.Usage{Input: -5, Output: 7, Reasoning: 9}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 103, Output: 7, Reasoning: 7}, Source: usage.Disbelieved, PriceKnown: true, CostMicroUSD: 117, Outcome: usage.Completed}},
		{"absurd output: an estimate of it", []provider.Event{text("12345678"), now(provider.Usage{Input: 50, Output: 1 << 40}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 50, Output: 2}, Source: usage.Disbelieved, PriceKnown: true, CostMicroUSD: 54, Outcome: usage.Completed}},
		{"absurd, and broken off", []provider.Event{now(provider.Usage{Input: 1 << 40, Output: 7}), text("x")}, broken, price,
			usage.Entry{Tokens: provider.Usage{Input: 103, Output: 7}, Source: usage.Disbelieved, PriceKnown: true, CostMicroUSD: 117, Outcome: usage.Failed, ErrorCode: "provider_truncated"}},
		{"absurd part: the whole is right", []provider.Event{text("x"), now(provider.Usage{Input: -899, CachedRead: 999, Output: 7}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{CachedRead: 100, Output: 7}, Source: usage.Reported, PriceKnown: true, CostMicroUSD: 24, Outcome: usage.Completed}},
		{"the prompt reported as nothing: its estimate", []provider.Event{text("x"), now(provider.Usage{Output: 7}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 103, Output: 7}, Source: usage.Estimated, PriceKnown: true, CostMicroUSD: 117, Outcome: usage.Completed}},
		{"reported as nothing: an estimate", []provider.Event{text("12345678"), now(provider.Usage{}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 103, Output: 2}, Source: usage.Estimated, PriceKnown: true, CostMicroUSD: 107, Outcome: usage.Completed}},
		{"the answer reported as nothing: its estimate", []provider.Event{text("12345678"), now(provider.Usage{Input: 50}), finish}, io.EOF, price,
			usage.Entry{Tokens: provider.Usage{Input: 50, Output: 2}, Source: usage.Estimated, PriceKnown: true, CostMicroUSD: 54, Outcome: usage.Completed}},
		{"a model without a price", []provider.Event{text("x"), now(provider.Usage{Input: 5, Output: 7}), finish}, io.EOF, nil,
			usage.Entry{Tokens: provider.Usage{Input: 5, Output: 7}, Source: usage.Reported, Outcome: usage.Completed}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			call := generate.Call{Account: "a", Member: "m", Kind: usage.Answer, Turn: "t", Conversation: "c", Charged: true, Reservation: "r",
				Route: provider.Route{Provider: canned{tc.events, tc.err}, Endpoint: provider.Endpoint{KeyID: "env"},
					Model: provider.Model{Provider: "p", Name: "m", Price: tc.price}},
				Request: &provider.Request{Messages: []provider.Message{{Role: provider.User, Parts: []provider.Part{{Type: provider.Text, Text: prompt}}}}}}
			var sink count
			var log logtest.Log
			r := generate.New(generate.Options{Attempts: 1, Logger: slog.New(slog.NewTextHandler(&log, nil))}).Run(t.Context(), &call, &sink)
			if sink.events != 1 || len(r.Entries) != 1 {
				t.Fatalf("%d events, %d entries, %v", sink.events, len(r.Entries), r.Err)
			}
			if alarm := strings.Contains(log.String(), "level=ERROR"); alarm != strings.HasPrefix(tc.name, "absurd") {
				t.Errorf("the log says: %s", &log)
			}
			got := r.Entries[0]
			want := tc.want
			want.Account, want.Member, want.Kind, want.Turn, want.Conversation = "a", "m", usage.Answer, "t", "c"
			want.Charged, want.Reservation, want.KeyID, want.Provider, want.Model, want.Attempt = true, "r", "env", "p", "m", 1
			if tc.price != nil {
				want.Price = *tc.price
			}
			if want.Outcome == usage.Completed {
				want.Finish = provider.Stop
			}
			want.ID, want.CreatedAt, want.FirstToken, want.Total = got.ID, got.CreatedAt, got.FirstToken, got.Total
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// waiting is a provider that takes a request and says nothing.
type waiting struct {
	canned
	asked chan struct{}
}

func (w waiting) Stream(ctx context.Context, _ provider.Endpoint, _ *provider.Request) (provider.Stream, error) {
	close(w.asked)
	<-ctx.Done()
	return nil, ctx.Err()
}

// A provider that has the request may bill it, whether or not we wait for its
// first word; one that was never asked may not.
func TestACallThatIsLeftBeforeItsFirstWord(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	call := generate.Call{Request: &provider.Request{System: "12345678"}, Route: provider.Route{Provider: waiting{asked: make(chan struct{})}}}
	go func() {
		<-call.Route.Provider.(waiting).asked
		cancel(fault.New(fault.Canceled, ""))
	}()
	caller := generate.New(generate.Options{})
	r := caller.Run(ctx, &call, &count{})
	if len(r.Entries) != 1 || r.Entry.Outcome != usage.Cancelled || r.Entry.Tokens.Input != 2 || r.Entry.Source != usage.Estimated {
		t.Errorf("%v, %+v", r.Err, r.Entries)
	}
	if r := caller.Run(ctx, &call, &count{}); len(r.Entries) != 0 || !fault.Is(r.Err, fault.Canceled) {
		t.Errorf("never asked: %v, %+v", r.Err, r.Entries)
	}
}

func TestAnAnswerWithoutEndIsCut(t *testing.T) {
	t.Parallel()
	big := text(strings.Repeat("x", 1000))
	call := generate.Call{Request: &provider.Request{}, Route: provider.Route{Provider: canned{[]provider.Event{big, big, big}, io.EOF}}}
	r := generate.New(generate.Options{MaxAnswer: 1500}).Run(t.Context(), &call, &count{})
	if !fault.Is(r.Err, fault.ProviderMalformed) {
		t.Errorf("ended with %v", r.Err)
	}
}

// An answer that goes far beyond what was asked for is cut, and what came of it is
// charged; one that is within its tokens, however long those are, is not.
func TestAnAnswerBeyondWhatWasAskedForIsCut(t *testing.T) {
	t.Parallel()
	const piece = 1000
	for _, tc := range []struct {
		name   string
		asked  provider.Request
		model  provider.Model
		pieces int
		cut    bool
		output int64 // tokens, by the usual ratio
		memory int   // Options.MaxAnswer
	}{
		{"long tokens", provider.Request{MaxTokens: 1000}, provider.Model{}, 12, false, 3000, 0},
		{"never ends", provider.Request{MaxTokens: 1000}, provider.Model{}, 200, true, 1000*4 + 4096, 0},
		{"few were asked for", provider.Request{MaxTokens: 1, OutputLimit: 1000}, provider.Model{}, 200, true, 4 + 4096, 0},
		{"listed too low", provider.Request{OutputLimit: 1000}, provider.Model{Output: 1000, Context: 9000}, 200, false, 50_000, 0},
		{"a model that writes long ones", provider.Request{}, provider.Model{Output: 1 << 18}, 3000, false, 750_000, 0},
		{"nobody says", provider.Request{}, provider.Model{}, 3000, true, 1<<17*4 + 4096, 0},
		{"many were asked for", provider.Request{MaxTokens: 1 << 62}, provider.Model{}, 200, true, 100_000 / 4, 100_000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			endless := canned{events: slices.Repeat([]provider.Event{text(strings.Repeat("x", piece))}, tc.pieces), err: io.EOF}
			call := generate.Call{Request: &tc.asked, Route: provider.Route{Provider: endless, Model: tc.model}}
			var sink count
			r := generate.New(generate.Options{MaxAnswer: tc.memory}).Run(t.Context(), &call, &sink)
			if fault.Is(r.Err, fault.ProviderMalformed) != tc.cut || tc.cut && r.Err == nil {
				t.Errorf("ended with %v", r.Err)
			}
			if got := int64(sink.events * piece / 4); got > tc.output || got <= tc.output-piece/4 {
				t.Errorf("%d pieces went on", sink.events)
			}
			if r.Entry.Tokens.Output != tc.output || r.Entry.Source != usage.Estimated {
				t.Errorf("charged %+v, %s", r.Entry.Tokens, r.Entry.Source)
			}
		})
	}
}

// bomb is a provider with a mistake in it.
type bomb struct{ canned }

func (bomb) Stream(context.Context, provider.Endpoint, *provider.Request) (provider.Stream, error) {
	panic("a mistake")
}

func TestAnAdapterThatPanicsEndsItsOwnCallOnly(t *testing.T) {
	t.Parallel()
	call := generate.Call{Request: &provider.Request{}, Route: provider.Route{Provider: bomb{}}}
	r := generate.New(generate.Options{}).Run(t.Context(), &call, &count{})
	if !fault.Is(r.Err, fault.Internal) {
		t.Errorf("ended with %v", r.Err)
	}
}

// network is a canned stream whose events come in pieces: dry is said after each.
type network struct {
	canned
	pieces [][]provider.Event
}

func (n network) Stream(context.Context, provider.Endpoint, *provider.Request) (provider.Stream, error) {
	return &networkStream{network: n}, nil
}

type networkStream struct {
	network
	dry func(more bool)
}

func (s *networkStream) Gather(dry func(more bool)) { s.dry = dry }

func (s *networkStream) Next(ev *provider.Event) error {
	for len(s.events) == 0 {
		if s.dry != nil {
			s.dry(false)
		}
		if len(s.pieces) == 0 {
			return s.err
		}
		s.events, s.pieces = s.pieces[0], s.pieces[1:]
	}
	*ev, s.events = s.events[0], s.events[1:]
	return nil
}

func (s *networkStream) Close() error { return nil }

func TestWhatComesTogetherGoesOnTogether(t *testing.T) {
	t.Parallel()
	pieces := [][]provider.Event{{text("a")}, {text("b"), text("c"), text("d")}, {text("e"), finish}}
	for name, tc := range map[string]struct {
		from provider.Provider
		want int
	}{
		"a network: the first token, then a piece each": {network{canned{err: io.EOF}, pieces}, 4},
		"no network: each event":                        {canned{slices.Concat(pieces...), io.EOF}, 6},
	} {
		sink := &count{}
		call := &generate.Call{Kind: usage.Answer, Route: provider.Route{Provider: tc.from}, Request: &provider.Request{}}
		if r := generate.New(generate.Options{}).Run(t.Context(), call, sink); r.Err != nil {
			t.Fatal(r.Err)
		}
		if sink.events != 5 || sink.flushes != tc.want {
			t.Errorf("%s: %d events in %d flushes, want %d", name, sink.events, sink.flushes, tc.want)
		}
	}
}
