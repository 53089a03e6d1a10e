package upstream_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/vault"
)

// What every adapter does with a stream is providertest's; here stand the cases
// that no adapter reaches.

func endpoint() provider.Endpoint {
	return provider.Endpoint{Provider: "acme", Key: vault.NewSecret("sk-1"), KeyID: "env"}
}

func serve(t *testing.T, h http.HandlerFunc) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestComments(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, ": busy\n\ndata: {}\n\n") })
	c := upstream.New(upstream.Options{})
	events, err := c.Stream(t.Context(), endpoint(), at, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = events.Close() }() // Close is providertest's
	events.Comments()
	first, err := events.Next()
	if err != nil || !first.Comment {
		t.Errorf("%+v, %v; want a comment", first, err)
	}
	second, err := events.Next()
	if err != nil || second.Comment || string(second.Data) != "{}" {
		t.Errorf("%+v, %v; want the event", second, err)
	}
}

func TestABodyThatIsNoJSON(t *testing.T) {
	t.Parallel()
	_, err := upstream.New(upstream.Options{}).Stream(t.Context(), endpoint(), "http://vendor.invalid", nil, func() {})
	if !fault.Is(err, fault.Internal) {
		t.Errorf("%v, want Internal", err)
	}
}

func TestAnAnswerThatDoesNotBegin(t *testing.T) {
	t.Parallel()
	at := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	transport := upstream.NewTransport()
	transport.ResponseHeaderTimeout = 10 * time.Millisecond
	c := upstream.New(upstream.Options{HTTP: &http.Client{Transport: transport}})
	if _, err := c.Stream(t.Context(), endpoint(), at, nil, nil); !fault.Is(err, fault.ProviderTimeout) {
		t.Errorf("%v, want ProviderTimeout", err)
	}
}

func TestAnExpiredContextIsNoFaultOfTheVendor(t *testing.T) {
	t.Parallel()
	at := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := upstream.New(upstream.Options{}).Get(ctx, endpoint(), at, nil, nil)
	if _, isFault := errors.AsType[*fault.Error](err); isFault || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's own error", err)
	}
}

func TestGetIsBounded(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, io.LimitReader(spaces{}, 17<<20)) // the client hangs up
	})
	var reply any
	err := upstream.New(upstream.Options{}).Get(t.Context(), endpoint(), at, nil, &reply)
	if !fault.Is(err, fault.ProviderMalformed) || !strings.Contains(fault.Of(err).Public(), "larger") {
		t.Errorf("%v, want ProviderMalformed", err)
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestGetThatBreaksOff(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"data":[`)
	})
	var reply any
	err := upstream.New(upstream.Options{}).Get(t.Context(), endpoint(), at, nil, &reply)
	if !fault.Is(err, fault.ProviderUnreachable) {
		t.Errorf("%v, want ProviderUnreachable", err)
	}
}

// The response stays open after the end marker: End does not wait for it.
func TestEndDoesNotHang(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "data: end\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	events, err := upstream.New(upstream.Options{}).Stream(t.Context(), endpoint(), at, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := events.Next(); err != nil {
		t.Fatal(err)
	}
	if err := events.End(); !errors.Is(err, io.EOF) {
		t.Errorf("End: %v", err)
	}
	if err := events.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}
