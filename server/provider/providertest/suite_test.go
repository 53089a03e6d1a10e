package providertest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// verdict is a test that writes down what it would have failed of.
type verdict struct {
	testing.TB
	failures []string
	cleanup  []func()
}

func (v *verdict) Helper()          {}
func (v *verdict) Cleanup(f func()) { v.cleanup = append(v.cleanup, f) }
func (v *verdict) Error(a ...any)   { v.failures = append(v.failures, fmt.Sprint(a...)) }
func (v *verdict) Errorf(format string, a ...any) {
	v.failures = append(v.failures, fmt.Sprintf(format, a...))
}

func (v *verdict) end() string {
	for _, f := range v.cleanup {
		f()
	}
	return strings.Join(v.failures, "; ")
}

func TestTheStubIsStrict(t *testing.T) {
	t.Parallel()
	fine := providertest.Exchange{
		Method: http.MethodPost, Path: "/v1?x=y", Header: map[string]string{"X-Key": "k"}, Body: `{"a":1}`,
		Serve: func(http.ResponseWriter, *http.Request) {},
	}
	for _, tc := range []struct {
		name, method, path, key, body string
		calls                         int
		want                          string
	}{
		{"as wanted", "POST", "/v1?x=y", "k", `{ "a": 1 }`, 1, ""},
		{"not called", "POST", "/v1?x=y", "k", `{"a":1}`, 0, "not used"},
		{"called twice", "POST", "/v1?x=y", "k", `{"a":1}`, 2, "unexpected call"},
		{"another method", "PUT", "/v1?x=y", "k", `{"a":1}`, 1, "called PUT"},
		{"another query", "POST", "/v1?x=z", "k", `{"a":1}`, 1, "x=z"},
		{"another header", "POST", "/v1?x=y", "K", `{"a":1}`, 1, "header X-Key"},
		{"a field more", "POST", "/v1?x=y", "k", `{"a":1,"b":2}`, 1, "the body is"},
		{"a field less", "POST", "/v1?x=y", "k", `{}`, 1, "the body is"},
		{"no JSON", "POST", "/v1?x=y", "k", `a=1`, 1, "no JSON"},
		{"the key in the URL", "POST", "/v1?x=y&k=" + providertest.Key, "k", `{"a":1}`, 1, "stands in the URL"},
	} {
		v := &verdict{TB: t}
		root := providertest.Serve(v, fine)
		for range tc.calls {
			call(t, tc.method, root+tc.path, tc.key, tc.body)
		}
		got := v.end()
		if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: verdict %q, want %q", tc.name, got, tc.want)
		}
	}
}

func call(t *testing.T, method, url, key, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // it is empty
}

// script is a stream that says what it is told to.
type script struct {
	events []provider.Event
	leaves bool // parts of the event as they were
}

func (s *script) Next(ev *provider.Event) error {
	if len(s.events) == 0 {
		return io.EOF
	}
	if s.leaves {
		ev.Type = s.events[0].Type
	} else {
		*ev = s.events[0]
	}
	s.events = s.events[1:]
	return nil
}

func (*script) Close() error { return nil }

func TestReadHoldsAStreamToItsContract(t *testing.T) {
	t.Parallel()
	began := provider.Event{Type: provider.Began}
	finish := provider.Event{Type: provider.Finish, Finish: provider.Stop}
	say := func(part int, text string) provider.Event {
		return provider.Event{Type: provider.TextDelta, Part: part, Text: text}
	}
	for _, tc := range []struct {
		name   string
		stream script
		want   string
	}{
		{"good", script{events: []provider.Event{began, say(0, "a"), {Type: provider.PartOpaque, Opaque: []byte("x")}, {Type: provider.ToolDelta, Part: 1, CallID: "c"}, {Type: provider.UsageNow}, finish}}, ""},
		{"no Finish", script{events: []provider.Event{began, say(0, "a")}}, "without a Finish"},
		{"after Finish", script{events: []provider.Event{finish, say(0, "a")}}, "after Finish"},
		{"Began late", script{events: []provider.Event{say(0, "a"), began, finish}}, "not the first"},
		{"empty delta", script{events: []provider.Event{say(0, ""), finish}}, "empty delta"},
		{"invalid UTF-8", script{events: []provider.Event{say(0, "\xff"), finish}}, "storable"},
		{"NUL", script{events: []provider.Event{say(0, "\x00"), finish}}, "storable"},
		{"backwards", script{events: []provider.Event{say(0, "a"), say(1, "b"), say(0, "c"), finish}}, "goes back"},
		{"skips", script{events: []provider.Event{say(1, "a"), finish}}, "skips"},
		{"changes its type", script{events: []provider.Event{say(0, "a"), {Type: provider.ReasoningDelta, Text: "b"}, finish}}, "changes"},
		{"opaque without bytes", script{events: []provider.Event{{Type: provider.PartOpaque}, finish}}, "without bytes"},
		{"unknown reason", script{events: []provider.Event{{Type: provider.Finish, Finish: "done"}}}, "finish reason"},
		{"unknown event", script{events: []provider.Event{{Type: 99}, finish}}, "event type"},
		{"not overwritten", script{events: []provider.Event{began, finish}, leaves: true}, "overwrite"},
	} {
		v := &verdict{TB: t}
		providertest.Read(v, &tc.stream)
		got := v.end()
		if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: verdict %q, want %q", tc.name, got, tc.want)
		}
	}
}
