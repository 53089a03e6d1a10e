package providertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// testCalls tests what an adapter does with the call around the answer.
func (v Vendor) testCalls(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"cancelled in mid-stream":        v.testCancel,
		"cancelled before the header":    v.testCancelEarly,
		"closed in mid-stream":           v.testClose,
		"many at once":                   v.testConcurrent,
		"the key stays with the vendor":  v.testRedirect,
		"the key is in no sentence":      v.testEcho,
		"a key that no header can hold":  v.testWrongKey,
		"nobody there":                   v.testUnreachable,
		"Retry-After as a date":          v.testRetryDate,
		"connections are used again":     v.testReuse,
		"the list of models is refused":  v.testModelsRefused,
		"the list of models is a page":   v.testModelsPage,
		"Finish, then the end, for ever": v.testEnd,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// hanging serves the answer's start and then says nothing until the client has
// gone, which it reports.
func (v Vendor) hanging(gone chan<- struct{}) http.HandlerFunc {
	frames := v.Stream(script())
	started := format{}.write(frames[:firstText(frames)+1])
	return func(w http.ResponseWriter, r *http.Request) {
		startStream(w)
		_, _ = w.Write(started) // the client is there
		flush(w)
		<-r.Context().Done()
		close(gone)
	}
}

// upToText reads the stream up to the first text.
func upToText(t testing.TB, s provider.Stream) {
	t.Helper()
	var ev provider.Event
	for ev.Type != provider.TextDelta {
		if err := s.Next(&ev); err != nil {
			t.Fatalf("before the first text: %v", err)
		}
	}
}

// patience is how long a test waits for what must happen at once.
const patience = 20 * time.Second

func waitFor(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("in vain waited for %s", what)
	}
}

func (v Vendor) testCancel(t *testing.T) {
	gone := make(chan struct{})
	root := Serve(t, v.post(v.hanging(gone)))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s, err := v.New(client(t)).Stream(ctx, v.Endpoint(root), question())
	if err != nil {
		t.Fatal(err)
	}
	upToText(t, s)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var ev provider.Event
		for err == nil {
			err = s.Next(&ev)
		}
	}()
	cancel()
	waitFor(t, "Next to return", ended)
	waitFor(t, "the vendor to see it", gone)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Next returned %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func (v Vendor) testCancelEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	root := Serve(t, v.post(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	if _, err := v.New(client(t)).Stream(ctx, v.Endpoint(root), question()); !errors.Is(err, context.Canceled) {
		t.Errorf("Stream returned %v", err)
	}
}

func (v Vendor) testClose(t *testing.T) {
	gone := make(chan struct{})
	root := Serve(t, v.post(v.hanging(gone)))
	s, err := v.New(client(t)).Stream(t.Context(), v.Endpoint(root), question())
	if err != nil {
		t.Fatal(err)
	}
	upToText(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	waitFor(t, "the vendor to see it", gone)
	var ev provider.Event
	if err := s.Next(&ev); err == nil {
		t.Error("Next after Close returned an event")
	}
}

// testConcurrent has one Provider answer many questions at once, each its own.
func (v Vendor) testConcurrent(t *testing.T) {
	const streams = 20
	var exchanges []Exchange
	wanted := map[string]bool{}
	for i := range streams {
		text := fmt.Sprintf("answer %02d", i)
		wanted[text] = true
		body := format{}.write(v.Stream(Script{Text: []string{text[:3], text[3:]}, Finish: provider.Stop}))
		exchanges = append(exchanges, v.post(sendBytes(body)))
	}
	root, p := Serve(t, exchanges...), v.New(client(t))
	texts := make([]string, streams)
	var wg sync.WaitGroup
	for i := range streams {
		wg.Go(func() {
			s, err := p.Stream(t.Context(), v.Endpoint(root), question())
			if err != nil {
				t.Error(err)
				return
			}
			texts[i] = Read(t, s).Text()
			_ = s.Close() // tested elsewhere
		})
	}
	wg.Wait()
	for _, text := range texts {
		if !wanted[text] {
			t.Errorf("answer %q twice, or nobody's", text)
		}
		delete(wanted, text)
	}
}

func (v Vendor) testRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was called: %s %s", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		to := map[string]string{"Location": elsewhere.URL + v.Path(Model)}
		r := v.ask(t, Serve(t, v.post(reply(status, to, ""))), question())
		Outcome{Kind: fault.ProviderRefused, Says: "redirect"}.Check(t, r)
	}
}

// testEcho has the vendor quote the key in every error it knows.
func (v Vendor) testEcho(t *testing.T) {
	var served []http.HandlerFunc
	for _, r := range v.Refusals {
		served = append(served, reply(r.Status, r.Header, quoteKey(r.Body)))
	}
	for _, e := range v.StreamErrors {
		served = append(served, send([]byte(quoteKey(string(format{}.write(e.Frames))))))
	}
	for i, serve := range served {
		r := v.ask(t, Serve(t, v.post(serve)), question())
		if e, ok := errors.AsType[*fault.Error](r.Err); !ok || strings.Contains(e.Public()+e.Error(), Key) {
			t.Errorf("error %d: %v", i, r.Err)
		}
	}
}

// quoteKey puts the key at the start of every message in the JSON.
func quoteKey(body string) string {
	body = strings.ReplaceAll(body, `"message": "`, `"message":"`)
	return strings.ReplaceAll(body, `"message":"`, `"message":"`+Key+` `)
}

func (v Vendor) testWrongKey(t *testing.T) {
	e := v.Endpoint(Serve(t))
	e.Key = newlineKey
	_, err := v.New(client(t)).Stream(t.Context(), e, question())
	Outcome{Kind: fault.ProviderAuth, Says: v.Provider}.Check(t, Result{Err: err})
}

func (v Vendor) testUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	r := v.ask(t, server.URL, question())
	Outcome{Kind: fault.ProviderUnreachable, Says: strings.TrimPrefix(server.URL, "http://")}.Check(t, r)
	r = v.ask(t, "http://[::1:80", question())
	Outcome{Kind: fault.ProviderUnreachable, Says: "base URL"}.Check(t, r)
}

func (v Vendor) testRetryDate(t *testing.T) {
	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	r := v.ask(t, Serve(t, v.post(reply(http.StatusTooManyRequests, map[string]string{"Retry-After": at}, ""))), question())
	e, ok := errors.AsType[*fault.Error](r.Err)
	if !ok || e.Kind != fault.ProviderRateLimited || e.RetryAfter < 50*time.Minute || e.RetryAfter > time.Hour {
		t.Errorf("%v, retry after %v", r.Err, e.RetryAfter)
	}
}

// testReuse asks several times, one after the other, of a vendor whose response
// ends a moment after its answer, and wants a connection to be used again. A busy
// machine may stretch the moment now and then, but not every time.
func (v Vendor) testReuse(t *testing.T) {
	const calls = 8
	addresses, told := make(chan string, calls), make(chan struct{}, calls)
	exchange := v.post(func(w http.ResponseWriter, r *http.Request) {
		addresses <- r.RemoteAddr
		send(format{}.write(v.Stream(script())))(w, r)
		flush(w)
		select {
		case <-told:
		case <-r.Context().Done():
		}
	})
	root, p := Serve(t, slices.Repeat([]Exchange{exchange}, calls)...), v.New(client(t))
	used := map[string]bool{}
	for range calls {
		s, err := p.Stream(t.Context(), v.Endpoint(root), question())
		if err != nil {
			t.Fatal(err)
		}
		var ev provider.Event
		for ; err == nil; err = s.Next(&ev) {
			if ev.Text == fourth {
				told <- struct{}{}
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		_ = s.Close() // tested elsewhere
		used[<-addresses] = true
	}
	if len(used) == calls {
		t.Error("no connection was used again")
	}
}

func (v Vendor) testModelsRefused(t *testing.T) {
	root := v.serveModels(t, reply(http.StatusUnauthorized, nil, ""))
	_, err := v.New(client(t)).Models(t.Context(), v.Endpoint(root))
	Outcome{Kind: fault.ProviderAuth, Says: v.Provider}.Check(t, Result{Err: err})
}

func (v Vendor) testModelsPage(t *testing.T) {
	root := v.serveModels(t, reply(http.StatusOK, nil, page))
	_, err := v.New(client(t)).Models(t.Context(), v.Endpoint(root))
	Outcome{Kind: fault.ProviderMalformed, Says: v.Provider}.Check(t, Result{Err: err})
}

// serveModels serves any call.
func (v Vendor) serveModels(t *testing.T, serve http.HandlerFunc) (root string) {
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	return server.URL
}

func (v Vendor) testEnd(t *testing.T) {
	root := Serve(t, v.post(send(format{}.write(v.Stream(script())))))
	s, err := v.New(client(t)).Stream(t.Context(), v.Endpoint(root), question())
	if err != nil {
		t.Fatal(err)
	}
	Read(t, s)
	for range 3 {
		var ev provider.Event
		if err := s.Next(&ev); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %+v, %v", ev, err)
		}
	}
	_ = s.Close() // tested elsewhere
}
