package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server"
)

// patient is a connection that can be told to wait no longer.
type patient struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (p *patient) SetReadDeadline(at time.Time) error {
	p.until = at
	return nil
}

// TestBodiesThatNeverCome: whatever a handler reads of a body, nobody waits for
// the rest for ever; and what has none is not limited, for a stream may follow.
func TestBodiesThatNeverCome(t *testing.T) {
	t.Parallel()
	deaf := server.BoundBodies(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	ask := func(change func(*http.Request)) time.Time {
		r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
		change(r)
		w := &patient{ResponseRecorder: httptest.NewRecorder()}
		deaf.ServeHTTP(w, r)
		return w.until
	}
	if at := ask(func(*http.Request) {}); !at.IsZero() {
		t.Errorf("without a body: %v", at)
	}
	for what, change := range map[string]func(*http.Request){
		"a body":                   func(r *http.Request) { r.Body, r.ContentLength = http.MaxBytesReader(nil, http.NoBody, 1), 9 },
		"a body of unknown length": func(r *http.Request) { r.Body, r.ContentLength = http.MaxBytesReader(nil, http.NoBody, 1), -1 },
	} {
		if at := ask(change); at.IsZero() || at.After(time.Now().Add(time.Minute)) {
			t.Errorf("%s: %v", what, at)
		}
	}
}
