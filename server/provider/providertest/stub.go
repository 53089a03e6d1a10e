package providertest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// Exchange is one call that a stub waits for, and its answer.
type Exchange struct {
	Method string
	Path   string            // with its query
	Header map[string]string // these must be there, and hold this
	Body   string            // JSON that the body must equal; empty: not compared
	Serve  http.HandlerFunc
}

// Serve starts a stub that answers the exchanges in their order and returns its
// root. A call that differs from its exchange, a call too many and, when the
// test ends, an exchange that was not used fail the test.
func Serve(t testing.TB, exchanges ...Exchange) (root string) {
	t.Helper()
	s := &stub{t: t, left: exchanges}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, e := range s.left {
			t.Errorf("the stub was not used: %s %s", e.Method, e.Path)
		}
	})
	return server.URL
}

type stub struct {
	t    testing.TB
	mu   sync.Mutex
	left []Exchange
}

func (s *stub) take() (Exchange, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) == 0 {
		return Exchange{}, false
	}
	e := s.left[0]
	s.left = s.left[1:]
	return e, true
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, ok := s.take()
	if !ok {
		s.t.Errorf("an unexpected call: %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("the call's body: %v", err)
	}
	e.check(s.t, r, body)
	e.Serve(w, r)
}

func (e Exchange) check(t testing.TB, r *http.Request, body []byte) {
	t.Helper()
	if r.Method != e.Method || r.URL.RequestURI() != e.Path {
		t.Errorf("called %s %s, want %s %s", r.Method, r.URL.RequestURI(), e.Method, e.Path)
	}
	for name, want := range e.Header {
		if got := r.Header.Get(name); got != want {
			t.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(r.URL.String(), Key) {
		t.Error("the key stands in the URL")
	}
	if e.Body != "" && !equalJSON(t, body, []byte(e.Body)) {
		t.Errorf("the body is\n%s\nwant\n%s", body, e.Body)
	}
}

func equalJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Errorf("the body is no JSON: %v", err)
		return false
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Errorf("the wanted body is no JSON: %v", err)
		return false
	}
	return reflect.DeepEqual(x, y)
}

// post is the exchange of one streamed answer.
func (v Vendor) post(serve http.HandlerFunc) Exchange {
	header := map[string]string{"Content-Type": "application/json", "Accept": "text/event-stream"}
	maps.Copy(header, v.Header)
	return Exchange{Method: http.MethodPost, Path: v.Path(Model), Header: header, Serve: serve}
}
