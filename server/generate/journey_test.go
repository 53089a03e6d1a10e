package generate_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// scripted is a provider that does with each call, in order, what its script says:
// "model:key" and what comes of it.
type scripted struct {
	t      *testing.T
	script []step
	asked  []string
}

type step struct {
	at     string
	refuse fault.Kind       // before the answer; 0: it is taken
	events []provider.Event // of the answer
	broken fault.Kind       // how it ends; 0: well
}

func (s *scripted) Stream(_ context.Context, to provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	at := req.Model + ":" + to.KeyID
	s.asked = append(s.asked, at)
	if len(s.asked) > len(s.script) || s.script[len(s.asked)-1].at != at {
		s.t.Errorf("asked %v, which is not the script", s.asked)
		return nil, fault.New(fault.Internal, "")
	}
	now := s.script[len(s.asked)-1]
	if now.refuse != 0 {
		return nil, fault.New(now.refuse, "%s refuses.", at)
	}
	err := io.EOF
	if now.broken != 0 {
		err = fault.New(now.broken, "%s breaks off.", at)
	}
	return &cannedStream{canned{now.events, err}}, nil
}

func (s *scripted) Models(context.Context, provider.Endpoint) ([]provider.Model, error) {
	return nil, nil
}

// steps are what a sink is told between the pieces of an answer.
type steps struct {
	text string
	next []string
}

func (s *steps) Event(ev *provider.Event) { s.text += ev.Text }

func (s *steps) Flush() {}

func (s *steps) Retrying(n generate.Next) {
	how := "again "
	switch {
	case n.Elsewhere:
		how = "elsewhere "
	case n.Wait == 0:
		how = "at once "
	}
	s.next = append(s.next, how+n.Route.Model.Name+":"+n.Route.Endpoint.KeyID)
}

// opened are keys of which some are gone.
type opened struct {
	gone  string
	notes []string
}

func (o *opened) Open(_ context.Context, e provider.Endpoint) (provider.Endpoint, error) {
	if e.KeyID == o.gone {
		return e, fault.New(fault.NoKey, "It is gone.")
	}
	return e, nil
}

func (o *opened) Note(e *provider.Endpoint, err error) {
	note := e.KeyID + " "
	if err != nil {
		note += fault.Of(err).Kind.String()
	}
	o.notes = append(o.notes, strings.TrimSpace(note))
}

func TestTheWayOfACall(t *testing.T) {
	t.Parallel()
	answer := []provider.Event{text("hi"), now(provider.Usage{Input: 10, Output: 10}), finish}
	const (
		limited, refused, broke, down = fault.ProviderRateLimited, fault.ProviderAuth, fault.ProviderQuota, fault.ProviderOverloaded
	)
	for _, tc := range []struct {
		name   string
		ways   string // model:key, in order
		gone   string
		script []step
		next   string
		rows   string // attempt model:key cost outcome
		err    fault.Kind
		why    string // in what is told
	}{
		{name: "a refused key", ways: "m:A m:B", script: []step{{at: "m:A", refuse: refused}, {at: "m:B", events: answer}},
			next: "at once m:B", rows: "2 m:B 30 completed"},
		{name: "a key that is too fast", ways: "m:A m:B", script: []step{{at: "m:A", refuse: limited}, {at: "m:B", events: answer}},
			next: "at once m:B", rows: "2 m:B 30 completed"},
		{name: "a key without credit", ways: "m:A m:B", script: []step{{at: "m:A", refuse: broke}, {at: "m:B", events: answer}},
			next: "at once m:B", rows: "2 m:B 30 completed"},
		{name: "a key that was removed meanwhile", ways: "m:A m:B", gone: "A", script: []step{{at: "m:B", events: answer}},
			next: "at once m:B", rows: "2 m:B 30 completed"},
		{name: "all keys too fast: the last one again", ways: "m:A m:B",
			script: []step{{at: "m:A", refuse: limited}, {at: "m:B", refuse: limited}, {at: "m:B", events: answer}},
			next:   "at once m:B, again m:B", rows: "3 m:B 30 completed"},
		{name: "one too fast, one refused: the first again", ways: "m:A m:B",
			script: []step{{at: "m:A", refuse: limited}, {at: "m:B", refuse: refused}, {at: "m:A", events: answer}},
			next:   "at once m:B, again m:A", rows: "3 m:A 30 completed"},
		{name: "all keys refused", ways: "m:A m:B", script: []step{{at: "m:A", refuse: refused}, {at: "m:B", refuse: refused}},
			next: "at once m:B", err: refused, why: "m:B refuses."},
		{name: "overloaded, then well", ways: "m:A m:B o:C", script: []step{{at: "m:A", refuse: down}, {at: "m:A", events: answer}},
			next: "again m:A", rows: "2 m:A 30 completed"},
		{name: "overloaded for good", ways: "m:A m:B o:C",
			script: []step{{at: "m:A", refuse: down}, {at: "m:A", refuse: down}, {at: "m:A", refuse: down}, {at: "o:C", events: answer}},
			next:   "again m:A, again m:A, elsewhere o:C", rows: "4 o:C 300 completed"},
		{name: "refused, and another model answers", ways: "m:A o:C", script: []step{{at: "m:A", refuse: refused}, {at: "o:C", events: answer}},
			next: "elsewhere o:C", rows: "2 o:C 300 completed"},
		{name: "a model that is not there", ways: "m:A m:B o:C", script: []step{{at: "m:A", refuse: fault.ModelUnknown}, {at: "o:C", events: answer}},
			next: "elsewhere o:C", rows: "2 o:C 300 completed"},
		{name: "another model has its own keys and tries", ways: "m:A o:C o:D",
			script: []step{{at: "m:A", refuse: refused}, {at: "o:C", refuse: refused}, {at: "o:D", refuse: down}, {at: "o:D", events: answer}},
			next:   "elsewhere o:C, at once o:D, again o:D", rows: "4 o:D 300 completed"},
		{name: "taken, and broken off before the first token: each is billed", ways: "m:A o:C",
			script: []step{{at: "m:A", broken: fault.ProviderTruncated}, {at: "m:A", broken: fault.ProviderTruncated},
				{at: "m:A", broken: fault.ProviderTruncated}, {at: "o:C", events: answer}},
			next: "again m:A, again m:A, elsewhere o:C", rows: "1 m:A 2 failed, 2 m:A 2 failed, 3 m:A 2 failed, 4 o:C 300 completed"},
		{name: "a key that is refused within the stream is not billed", ways: "m:A m:B", script: []step{{at: "m:A", broken: broke}, {at: "m:B", events: answer}},
			next: "at once m:B", rows: "2 m:B 30 completed"},
		{name: "nothing after a token", ways: "m:A m:B o:C", script: []step{{at: "m:A", events: answer[:1], broken: fault.ProviderTruncated}},
			rows: "1 m:A 4 failed", err: fault.ProviderTruncated, why: "m:A breaks off."},
		{name: "what is wrong with the request is so anywhere", ways: "m:A m:B o:C", script: []step{{at: "m:A", refuse: fault.ProviderRefused}},
			err: fault.ProviderRefused, why: "m:A refuses."},
		{name: "one that cannot read so much is passed by", ways: "m:A tiny:T o:C", script: []step{{at: "m:A", refuse: refused}, {at: "o:C", events: answer}},
			next: "elsewhere o:C", rows: "2 o:C 300 completed"},
		{name: "nobody answers", ways: "m:A o:C", script: []step{{at: "m:A", refuse: refused}, {at: "o:C", refuse: fault.ProviderQuota}},
			next: "elsewhere o:C", err: refused, why: "m:A refuses. o/o was asked in its place, and did not answer either: o:C refuses."},
		{name: "nobody else can be asked", ways: "m:A tiny:T", script: []step{{at: "m:A", refuse: broke}}, err: broke, why: "m:A refuses."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			vendor := &scripted{t: t, script: tc.script}
			call := generate.Call{Route: routes(vendor, tc.ways), Request: &provider.Request{Model: "m", System: "12345678"}}
			keys, sink := &opened{gone: tc.gone}, &steps{}
			r := generate.New(generate.Options{Keys: keys, Backoff: time.Microsecond}).Run(t.Context(), &call, sink)
			if got := strings.Join(sink.next, ", "); got != tc.next {
				t.Errorf("went %q, want %q", got, tc.next)
			}
			if got := rows(r); got != tc.rows {
				t.Errorf("rows %q, want %q", got, tc.rows)
			}
			if len(vendor.asked) != len(tc.script) {
				t.Errorf("asked %v only", vendor.asked)
			}
			if tc.err == 0 {
				if r.Err != nil || sink.text != "hi" || r.Route.Model.Name+":"+r.Route.Endpoint.KeyID != vendor.asked[len(vendor.asked)-1] {
					t.Errorf("%v, %q by %s", r.Err, sink.text, r.Route.Model.ID())
				}
			} else if !fault.Is(r.Err, tc.err) || fault.Of(r.Err).Public() != tc.why {
				t.Errorf("%v, want %v: %s", r.Err, tc.err, tc.why)
			}
		})
	}
}

// routes are ways as they are written in the tests; model tiny reads one token.
func routes(vendor provider.Provider, ways string) (first provider.Route) {
	for i, way := range strings.Fields(ways) {
		model, key, _ := strings.Cut(way, ":")
		r := provider.Route{Provider: vendor, Endpoint: provider.Endpoint{Provider: model, KeyID: key},
			Model: provider.Model{Provider: model, Name: model, Price: &provider.Price{Input: 1_000_000, Output: 2_000_000}}}
		switch model {
		case "o":
			r.Model.Price = &provider.Price{Input: 10_000_000, Output: 20_000_000}
		case "tiny":
			r.Model.Context = 1
		}
		if i == 0 {
			first = r
		} else {
			first.Others = append(first.Others, r)
		}
	}
	return first
}

func rows(r *generate.Result) string {
	var all []string
	for i := range r.Entries {
		e := &r.Entries[i]
		all = append(all, fmt.Sprintf("%d %s:%s %d %s", e.Attempt, e.Model, e.KeyID, e.CostMicroUSD, e.Outcome))
	}
	return strings.Join(all, ", ")
}

// Whoever keeps the keys is told how each attempt has gone, once.
func TestKeysAreToldHowTheyFare(t *testing.T) {
	t.Parallel()
	vendor := &scripted{t: t, script: []step{
		{at: "m:A", refuse: fault.ProviderAuth}, {at: "m:B", broken: fault.ProviderQuota},
		{at: "m:C", refuse: fault.ProviderOverloaded}, {at: "m:C", events: []provider.Event{text("hi"), finish}}}}
	call := generate.Call{Route: routes(vendor, "m:A m:B m:C"), Request: &provider.Request{Model: "m"}, Kind: usage.Answer}
	keys := &opened{}
	r := generate.New(generate.Options{Keys: keys, Backoff: time.Microsecond}).Run(t.Context(), &call, &steps{})
	if got := strings.Join(keys.notes, ", "); r.Err != nil || got != "A provider_auth, B, B provider_quota, C provider_overloaded, C" {
		t.Errorf("%v, %q", r.Err, got)
	}
	if call.Request != nil {
		t.Error("the prompt is held after the first token")
	}
}

// A wait that a provider asks for is not waited where it is too long, and another
// model can be asked.
func TestAProviderThatAsksForTooMuchPatience(t *testing.T) {
	t.Parallel()
	first := fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: time.Hour}
	route := routes(refusing{&first}, "m:A")
	route.Others = []provider.Route{routes(&scripted{t: t, script: []step{{at: "o:C", events: []provider.Event{text("hi"), finish}}}}, "o:C")}
	call := generate.Call{Route: route, Request: &provider.Request{Model: "m"}}
	if r := generate.New(generate.Options{}).Run(t.Context(), &call, &steps{}); r.Err != nil || r.Route.Model.Name != "o" {
		t.Errorf("%v by %s", r.Err, r.Route.Model.ID())
	}
	call.Route.Others, call.Request = nil, &provider.Request{Model: "m"}
	if r := generate.New(generate.Options{}).Run(t.Context(), &call, &steps{}); fault.Of(r.Err).RetryAfter != time.Hour {
		t.Errorf("%v", r.Err)
	}
}

// mute is a provider that takes a request and begins no response, or begins one and
// brings no token.
type mute struct {
	canned
	begins bool
	asked  int
}

func (m *mute) Stream(ctx context.Context, _ provider.Endpoint, _ *provider.Request) (provider.Stream, error) {
	m.asked++
	if m.begins {
		return &muteStream{ctx: ctx, events: m.events}, nil
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

type muteStream struct {
	ctx    context.Context
	events []provider.Event
}

func (s *muteStream) Next(ev *provider.Event) error {
	if len(s.events) > 0 {
		*ev, s.events = s.events[0], s.events[1:]
		return nil
	}
	<-s.ctx.Done()
	return s.ctx.Err()
}

func (s *muteStream) Close() error { return nil }

// Who is silent for all the time that there is, is asked once; another model is
// asked at once, if there is one. Where responses begin at once, so much patience
// is not had with one that does not.
func TestASilentProviderIsAskedOnce(t *testing.T) {
	t.Parallel()
	alive := []provider.Event{{Type: provider.Began}, now(provider.Usage{Input: 5})}
	for _, tc := range []struct {
		name  string
		to    provider.Endpoint
		from  mute
		after time.Duration
		says  string
	}{
		{"an endpoint of one's own", provider.Endpoint{API: provider.OpenAIResponses, BaseURL: "http://x"}, mute{}, 5 * time.Minute, "p has taken the question and does not answer."},
		{"a vendor that may think first", provider.Endpoint{API: provider.Gemini}, mute{}, 5 * time.Minute, "p has taken"},
		{"a vendor that begins at once", provider.Endpoint{API: provider.Anthropic}, mute{}, 2 * time.Minute, "p has taken"},
		{"one that has begun, and thinks", provider.Endpoint{API: provider.Anthropic}, mute{begins: true, canned: canned{events: alive}}, 5 * time.Minute, "p has taken"},
		{"in mid-answer", provider.Endpoint{API: provider.Anthropic}, mute{begins: true, canned: canned{events: append(alive, text("hi"))}}, 3 * time.Minute, "fell silent"},
	} {
		synctest.Test(t, func(t *testing.T) {
			from := tc.from
			call := generate.Call{Request: &provider.Request{Model: "m", System: "12345678"},
				Route: provider.Route{Provider: &from, Endpoint: tc.to, Model: provider.Model{Provider: "p", Name: "m"}}}
			began := time.Now()
			r := generate.New(generate.Options{}).Run(t.Context(), &call, &steps{})
			if took := time.Since(began); took != tc.after || from.asked != 1 {
				t.Errorf("%s: asked %d times, for %v", tc.name, from.asked, took)
			}
			if !fault.Is(r.Err, fault.ProviderTimeout) || !strings.Contains(fault.Of(r.Err).Public(), tc.says) || len(r.Entries) != 1 {
				t.Errorf("%s: %v, %+v", tc.name, r.Err, r.Entries)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		from, sink := mute{}, &steps{}
		call := generate.Call{Request: &provider.Request{Model: "m"},
			Route: provider.Route{Provider: &from, Endpoint: provider.Endpoint{KeyID: "A"}, Model: provider.Model{Provider: "p", Name: "m"}}}
		call.Route.Others = []provider.Route{routes(&scripted{t: t, script: []step{{at: "o:C", events: []provider.Event{text("hi"), finish}}}}, "o:C")}
		began := time.Now()
		r := generate.New(generate.Options{}).Run(t.Context(), &call, sink)
		if r.Err != nil || from.asked != 1 || time.Since(began) != 5*time.Minute || fmt.Sprint(sink.next) != "[elsewhere o:C]" {
			t.Errorf("%v, asked %d times, then %v, after %v", r.Err, from.asked, sink.next, time.Since(began))
		}
	})
}

// refusing is a provider that takes nothing.
type refusing struct{ why error }

func (r refusing) Stream(context.Context, provider.Endpoint, *provider.Request) (provider.Stream, error) {
	return nil, r.why
}

func (r refusing) Models(context.Context, provider.Endpoint) ([]provider.Model, error) {
	return nil, r.why
}
