package providertest

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// Run drives the vendor's adapter through the whole suite.
func Run(t *testing.T, v Vendor) {
	t.Run("requests", v.testRequests)
	t.Run("answers", v.testAnswers)
	t.Run("models", v.testModels)
	t.Run("faults", v.testFaults)
	t.Run("calls", v.testCalls)
	if v.Counts != nil {
		t.Run("counts", v.testCounts)
	}
}

// question is the plainest request.
func question() *provider.Request {
	return &provider.Request{
		Model:    Model,
		Messages: []provider.Message{{Role: provider.User, Parts: []provider.Part{{Type: provider.Text, Text: "Say hello."}}}},
	}
}

// ask asks the vendor at root and reads the answer, or the refusal.
func (v Vendor) ask(t testing.TB, root string, req *provider.Request) Result {
	t.Helper()
	stream, err := v.New(client(t)).Stream(t.Context(), v.Endpoint(root), req)
	if err != nil {
		return Result{Err: err}
	}
	defer func() {
		if err := stream.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}()
	return Read(t, stream)
}

// client is an HTTP client whose connections end with the test.
func client(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (v Vendor) testRequests(t *testing.T) {
	for _, tc := range v.Requests {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			exchange := v.post(send(format{}.write(v.Stream(script()))))
			exchange.Path, exchange.Body = v.Path(tc.Request.Model), tc.Body
			if r := v.ask(t, Serve(t, exchange), tc.Request); r.Err != nil || r.Text() != whole {
				t.Errorf("answer %q, %v", r.Text(), r.Err)
			}
		})
	}
}

func (v Vendor) testAnswers(t *testing.T) {
	for _, tc := range v.Answers {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			serve := func(w http.ResponseWriter, r *http.Request) {
				for name, value := range tc.Header {
					w.Header().Set(name, value)
				}
				send([]byte(tc.Stream))(w, r)
			}
			r := v.ask(t, Serve(t, v.post(serve)), question())
			if !r.equal(tc.Want) {
				t.Errorf("got\n%+v\nwant\n%+v", r, tc.Want)
			}
		})
	}
}

func (v Vendor) testModels(t *testing.T) {
	for _, tc := range v.Models {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			var exchanges []Exchange
			for _, p := range tc.Pages {
				exchanges = append(exchanges, Exchange{
					Method: http.MethodGet, Path: p.Path, Header: v.Header, Serve: reply(http.StatusOK, nil, p.Body),
				})
			}
			models, err := v.New(client(t)).Models(t.Context(), v.Endpoint(Serve(t, exchanges...)))
			if err != nil || !reflect.DeepEqual(models, tc.Want) {
				t.Errorf("got\n%+v, %v\nwant\n%+v", models, err, tc.Want)
			}
		})
	}
}

func (v Vendor) testFaults(t *testing.T) {
	for _, f := range Faults(v) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			f.Want.Check(t, v.ask(t, Serve(t, v.post(f.Serve)), question()))
		})
	}
}

// Check holds a result against the outcome.
func (o Outcome) Check(t testing.TB, r Result) {
	t.Helper()
	if r.Text() != o.Text {
		t.Errorf("text %q, want %q", r.Text(), o.Text)
	}
	if r.Finish != o.Finish {
		t.Errorf("finish %q, want %q", r.Finish, o.Finish)
	}
	if o.Kind == fault.Internal {
		o.checkComplete(t, r)
	} else {
		o.checkFault(t, r.Err)
	}
}

func (o Outcome) checkComplete(t testing.TB, r Result) {
	t.Helper()
	if r.Err != nil {
		t.Errorf("failed: %v", r.Err)
	}
	if believed, odd := r.Usage.Credible(&provider.Model{}); odd != o.BadUsage {
		t.Errorf("usage %+v, believed %+v; nonsense: want %v", r.Usage, believed, o.BadUsage)
	}
}

func (o Outcome) checkFault(t testing.TB, err error) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != o.Kind {
		t.Fatalf("error %v, want a fault %v", err, o.Kind)
	}
	if e.RetryAfter != o.RetryAfter {
		t.Errorf("retry after %v, want %v", e.RetryAfter, o.RetryAfter)
	}
	if !strings.Contains(e.Public(), o.Says) {
		t.Errorf("says %q, want %q in it", e.Public(), o.Says)
	}
	if len([]rune(e.Public())) > 400 || strings.ContainsAny(e.Public(), "\n\r\x00\x1b") {
		t.Errorf("not fit to be shown: %q", e.Public())
	}
}
