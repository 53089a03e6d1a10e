package stub_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/bench/stub"
)

func TestModelNamesTheProfile(t *testing.T) {
	t.Parallel()
	p := stub.Profile{Kind: stub.Stamps, Deltas: 200, Size: 48, Gap: 20 * time.Millisecond}
	if got := p.Model(); got != "stamps-200-48-20ms" {
		t.Errorf("Model() = %q", got)
	}
	got, err := stub.ParseModel(p.Model())
	if err != nil || got != p {
		t.Errorf("ParseModel(%q) = %+v, %v", p.Model(), got, err)
	}
	for _, bad := range []string{"", "gpt-5", "stamps-0-48-0s", "stamps-1-8-0s", "other-1-48-0s", "stamps-1-48-soon"} {
		if _, err := stub.ParseModel(bad); err == nil {
			t.Errorf("ParseModel(%q) was accepted", bad)
		}
	}
}

func TestRecordComesBack(t *testing.T) {
	t.Parallel()
	want := stub.Record{Sent: time.Unix(0, 1_763_856_000_123_456_789), Number: 199}
	b := want.Append(nil, 48)
	if len(b) != 48 {
		t.Fatalf("a record of %d bytes", len(b))
	}
	got, err := stub.ParseRecord(b)
	if err != nil || !got.Sent.Equal(want.Sent) || got.Number != want.Number {
		t.Errorf("ParseRecord(%q) = %+v, %v", b, got, err)
	}
	if _, err := stub.ParseRecord(b[1:]); err == nil {
		t.Error("half a record was accepted")
	}
}

func TestHandlerSendsWhatTheModelSays(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(stub.Handler(nil))
	defer srv.Close()
	for model, want := range map[string]int{"stamps-7-48-0s": 7, "markdown-50-20-0s": 50} {
		res, err := http.Post(srv.URL+"/v1/chat/completions", "application/json", strings.NewReader(`{"model":"`+model+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := strings.Count(string(body), `"content":`); got != want {
			t.Errorf("%s: %d deltas", model, got)
		}
		if !strings.HasSuffix(string(body), "data: [DONE]\n\n") {
			t.Errorf("%s ends in %q", model, body[max(0, len(body)-40):])
		}
	}
}
