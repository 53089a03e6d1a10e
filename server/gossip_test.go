package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/server/servertest"
)

// gossip is a provider that repeats in its errors what it was shown, and where it
// finds fault what it was asked. It speaks Chat
// Completions; below /calm it is another, which always answers.
type gossip struct {
	url string

	// elsewhere is the host that it sends people to, who hears what they show there.
	elsewhere *httptest.Server

	mu    sync.Mutex
	mood  string // "", or one of moods
	shown string // to elsewhere
}

// moods are those that end in no answer, with the status that they show at once.
var moods = map[string]int{
	"refuses": http.StatusUnauthorized, "hurries": http.StatusTooManyRequests, "is overloaded": http.StatusServiceUnavailable,
	"finds fault": http.StatusBadRequest, "sends elsewhere": http.StatusTemporaryRedirect,
	"hangs up": 0, "breaks off": 0, "panics": 0,
}

func newGossip(t *testing.T) *gossip {
	g := &gossip{}
	vendor := httptest.NewServer(g)
	g.elsewhere = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.shown += fmt.Sprint(r.Header)
	}))
	t.Cleanup(vendor.Close)
	t.Cleanup(g.elsewhere.Close)
	g.url = vendor.URL
	return g
}

func (g *gossip) be(mood string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mood = mood
}

func (g *gossip) is() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.mood
}

func (g *gossip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mood := g.is()
	if strings.HasPrefix(r.URL.Path, "/calm") {
		mood = ""
	}
	shown := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	status := moods[mood]
	switch {
	case mood == "hangs up":
		panic(http.ErrAbortHandler)
	case status != 0:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", g.elsewhere.URL+"/?key="+shown)
		w.Header().Set("X-Debug", shown)
		w.WriteHeader(status)
		asked := ""
		if mood == "finds fault" && r.Method == http.MethodPost {
			asked = " You asked what was " + servertest.Confided + "."
		}
		_, _ = fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s. Header was: Bearer %s.%s","type":"x","code":"x"}}`, shown, shown, asked)
	case strings.HasSuffix(r.URL.Path, "/models"):
		_, _ = io.WriteString(w, `{"data":[{"id":"talker"},{"id":"text-embedding-3"}]}`)
	default:
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"Hi."}}]}`+"\n\n")
		if mood == "breaks off" {
			_, _ = fmt.Fprintf(w, "data: {\"error\":{\"message\":\"bad key %s\"}}\n\n", shown)
			return
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`+"\n\ndata: [DONE]\n\n")
	}
}

// nervous is a transport that panics in the middle of a call when the gossip is in
// that mood: in a test of a key within a handler, in a turn within an adapter.
type nervous struct {
	http.RoundTripper
	gossip *gossip
}

func (n nervous) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.gossip.is() == "panics" && !strings.HasPrefix(r.URL.Path, "/calm") {
		panic("the transport is out of order: " + r.URL.Host)
	}
	return n.RoundTripper.RoundTrip(r)
}
