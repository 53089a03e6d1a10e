package main

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/bench/stub"
	"github.com/aichat-term/aichat/bench/subject"
	"github.com/aichat-term/aichat/client/wire/sse"
)

// record is delta n as the stub would send it.
func record(n int) string { return string(stub.Record{Sent: time.Now(), Number: n}.Append(nil, 48)) }

func openAIStream(records ...string) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "data: {\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}\n\n", r)
	}
	return b.String() + "data: [DONE]\n\n"
}

func TestTakeWantsEveryRecordOnceInOrder(t *testing.T) {
	t.Parallel()
	three := stub.Profile{Kind: stub.Stamps, Deltas: 3, Size: 48}
	a, b, c := record(0), record(1), record(2)
	ours := fmt.Sprintf("event: turn\ndata: {}\n\nid: 48\nevent: delta\ndata: {\"part\":0,\"type\":\"text\",\"text\":\"%s\"}\n\n"+
		"event: delta\ndata: {\"part\":0,\"type\":\"text\",\"text\":\"%s\"}\n\nevent: completed\ndata: {}\n\n", a+b[:10], b[10:]+c)
	for _, tc := range []struct {
		name, stream string
		text         func(sse.Event) ([]byte, bool, error)
		wrong        string // empty: it is right
	}{
		{"one a piece", openAIStream(a, b, c), openAIText, ""},
		{"in other pieces", ours, aichatText, ""},
		{"one missing", openAIStream(a, c), openAIText, "delta 2 came where 1 was due"},
		{"one twice", openAIStream(a, a, b), openAIText, "delta 0 came where 1 was due"},
		{"too few", openAIStream(a, b), openAIText, "ended with 2 deltas"},
		{"no end", strings.TrimSuffix(openAIStream(a, b, c), "data: [DONE]\n\n"), openAIText, "after 3 deltas"},
		{"more after the end", openAIStream(a, b, c) + "data: x\n\n", openAIText, "after the end"},
		{"told anew", "event: snapshot\ndata: {}\n\n", aichatText, "snapshot"},
		{"failed", "event: failed\ndata: {}\n\n", aichatText, "failed"},
	} {
		h := heard{}
		err := h.take(sse.NewReader(strings.NewReader(tc.stream), 0), target{text: tc.text}, three, time.Now())
		switch {
		case tc.wrong == "" && err != nil:
			t.Errorf("%s: %v", tc.name, err)
		case tc.wrong != "" && (err == nil || !strings.Contains(err.Error(), tc.wrong)):
			t.Errorf("%s: %v, want %q", tc.name, err, tc.wrong)
		}
	}
}

func TestProxyRelays(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(stub.Handler(nil))
	defer provider.Close()
	h, err := proxy(provider.URL)
	if err != nil {
		t.Fatal(err)
	}
	relay := httptest.NewServer(h)
	defer relay.Close()
	all, err := drive(t.Context(), openAI("proxy", &subject.Process{URL: relay.URL}),
		stub.Profile{Kind: stub.Stamps, Deltas: 5, Size: 48}, 20, 10*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range all {
		if h.first <= 0 || len(h.lag) != 5 {
			t.Errorf("stream %d: %+v", i, h)
		}
	}
	if _, err := proxy("nowhere"); err == nil {
		t.Error("a proxy without an upstream")
	}
}

func TestReportHoldsMedians(t *testing.T) {
	t.Parallel()
	r := newReport(options{runs: 3})
	for _, cpu := range []float64{9, 1, 2} {
		r.addLoaded("proxy", Loaded{Streams: 10, CPU: cpu})
		r.addIdle("proxy", []time.Duration{time.Duration(cpu) * time.Millisecond})
	}
	got := r.Targets[0]
	if len(got.Loaded) != 1 || got.Loaded[0].CPU != 2 || got.Idle.P50 != 2 {
		t.Errorf("%+v", got)
	}
	var out strings.Builder
	if err := r.print(&out); err != nil || !strings.Contains(out.String(), "proxy") {
		t.Errorf("%v: %s", err, out.String())
	}
}
