package resend_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/mail/resend"
)

const key = "re_s3cret"

var letter = mail.Message{ID: "job-7", Letter: "code", To: "ada@example.com", Subject: "Your code", Text: "123 456\n", HTML: "<p>123 456</p>"}

// documented is a request as the API's reference describes it; other fields we
// do not send.
type documented struct {
	From    string            `json:"from"`
	To      []string          `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers"`
}

// vendor is an API that answers every letter so, if the request is in order.
func vendor(t *testing.T, status int, header http.Header, answer string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check(t, r)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		for name := range header {
			w.Header().Set(name, header.Get(name))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s
}

func check(t *testing.T, r *http.Request) {
	t.Helper()
	if r.Method != http.MethodPost || r.URL.String() != "/emails" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	for name, want := range map[string]string{"Authorization": "Bearer " + key, "Content-Type": "application/json", "Idempotency-Key": "job-7"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var got documented
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	if err := body.Decode(&got); err != nil {
		t.Error(err)
		return
	}
	if got.From != `"Aichat" <aichat@example.org>` || len(got.To) != 1 || got.To[0] != letter.To || got.Subject != letter.Subject ||
		got.Text != letter.Text || got.HTML != letter.HTML || len(got.Headers) != 1 || got.Headers["Auto-Submitted"] != "auto-generated" {
		t.Errorf("the request is %+v", got)
	}
}

func sender(t *testing.T, address string) *resend.Sender {
	t.Helper()
	s, err := resend.New(resend.Options{Key: key, From: "Aichat <aichat@example.org>", Address: address})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The answers of the API's reference, and what each means for the letter.
func TestAnswers(t *testing.T) {
	t.Parallel()
	refusal := func(status int, name string) string {
		b, err := json.Marshal(map[string]any{"statusCode": status, "name": name, "message": "Something about it."})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const sent = fault.Kind(255) // none
	for _, tc := range []struct {
		status int
		name   string
		want   fault.Kind
	}{
		{200, "", sent},
		{400, "validation_error", fault.Invalid},
		{401, "missing_api_key", fault.Unavailable},
		{401, "restricted_api_key", fault.Unavailable},
		{403, "invalid_api_key", fault.Unavailable},
		{403, "validation_error", fault.Unavailable}, // the domain is not verified
		{404, "not_found", fault.Unavailable},
		{409, "invalid_idempotent_request", sent},
		{409, "concurrent_idempotent_requests", fault.Unavailable},
		{422, "missing_required_field", fault.Invalid},
		{422, "validation_error", fault.Invalid},
		{422, "invalid_from_address", fault.Unavailable},
		{429, "daily_quota_exceeded", fault.Unavailable},
		{429, "rate_limit_exceeded", fault.Unavailable},
		{451, "security_error", fault.Unavailable},
		{500, "application_error", fault.Unavailable},
		{503, "", fault.Unavailable},
		{302, "", fault.Unavailable},
	} {
		answer := refusal(tc.status, tc.name)
		if tc.status == 200 {
			answer = `{"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}`
		}
		api := vendor(t, tc.status, http.Header{"Location": {"http://203.0.113.1/"}}, answer)
		err := sender(t, api.URL).Send(t.Context(), letter)
		if tc.want == sent && err != nil || tc.want != sent && !fault.Is(err, tc.want) {
			t.Errorf("%d %s: %v, want %v", tc.status, tc.name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%d %s: the error tells the key: %v", tc.status, tc.name, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"30": 30 * time.Second, "": 0, "soon": 0, "-1": 0} {
		api := vendor(t, 429, http.Header{"Retry-After": {text}}, `{"name":"rate_limit_exceeded"}`)
		err := sender(t, api.URL).Send(t.Context(), letter)
		if got := fault.Of(err).RetryAfter; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// What is no answer of the API's.
func TestNonsense(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "<html>Bad Gateway</html>", `{"name": 7}`, strings.Repeat("x", 1<<20)} {
		api := vendor(t, 502, nil, answer)
		if err := sender(t, api.URL).Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) || len(err.Error()) > 1000 {
			t.Errorf("%.20q: %v", answer, err)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	api := vendor(t, 200, nil, "")
	api.Close()
	if err := sender(t, api.URL).Send(t.Context(), letter); !fault.Is(err, fault.Unavailable) {
		t.Errorf("it ends with %v", err)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	asked, over := make(chan struct{}), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(asked); <-over }))
	t.Cleanup(func() { close(over); api.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if err := sender(t, api.URL).Send(ctx, letter); !fault.Is(err, fault.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	s, err := resend.New(resend.Options{Key: key, From: "aichat@example.org", Address: api.URL, Timeout: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter); !fault.Is(err, fault.Timeout) {
		t.Errorf("it ends with %v", err)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]resend.Options{
		"no key": {From: "aichat@example.org"}, "no sender": {Key: key}, "no address": {Key: key, From: "aichat@example.org", Address: "\x00"},
	} {
		if _, err := resend.New(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
