package provider

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// How long a provider's own list is believed, and how long we wait for one.
const (
	liveFor      = 10 * time.Minute
	liveErrorFor = 15 * time.Second
	liveWait     = 3 * time.Second
	probeWait    = 300 * time.Millisecond
)

// liveLists remembers what providers say they offer.
type liveLists struct {
	vendors map[API]Provider
	now     func() time.Time

	mu    sync.Mutex
	known map[liveKey]*liveList
}

// liveKey tells endpoints apart without keeping their keys.
type liveKey struct {
	provider string
	api      API
	baseURL  string
	key      [sha256.Size]byte
}

// liveList is one provider's answer. Callers who want it at once share one call,
// which belongs to none of them: each waits for as long as it wants to.
type liveList struct {
	mu     sync.Mutex
	models []Model
	err    error
	until  time.Time
	asking chan struct{} // closed when the call under way has ended; nil: none is
}

func newLiveLists(vendors map[API]Provider, now func() time.Time) *liveLists {
	return &liveLists{vendors: vendors, now: now, known: map[liveKey]*liveList{}}
}

// get returns the endpoint's models, asking it where nothing fresh is known.
func (l *liveLists) get(ctx context.Context, e Endpoint) ([]Model, error) {
	return l.getWithin(ctx, e, liveWait)
}

func (l *liveLists) getWithin(ctx context.Context, e Endpoint, wait time.Duration) ([]Model, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	list := l.list(e)
	asking := list.ask(func() { l.refresh(context.WithoutCancel(ctx), list, e, wait) }, l.now())
	if asking != nil {
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, fault.Wrap(ctx.Err(), fault.ProviderUnreachable, "")
		}
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	return list.models, list.err
}

// ask returns nil where what is known is fresh; else what is closed when a call
// has ended: the one under way, or call, which it then starts.
func (list *liveList) ask(call func(), now time.Time) <-chan struct{} {
	list.mu.Lock()
	defer list.mu.Unlock()
	if now.Before(list.until) {
		return nil
	}
	if list.asking == nil {
		list.asking = make(chan struct{})
		go call()
	}
	return list.asking
}

// refresh asks the endpoint, and remembers what came of it.
func (l *liveLists) refresh(ctx context.Context, list *liveList, e Endpoint, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	models, err := l.vendors[e.API].Models(ctx, e)
	for i := range models {
		models[i].Provider = e.Provider
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	list.models, list.err, list.until = models, err, l.now().Add(liveFor)
	if err != nil {
		list.until = l.now().Add(liveErrorFor)
	}
	close(list.asking)
	list.asking = nil
}

// maxLive bounds how many endpoints are remembered: callers bring their own.
const maxLive = 1000

func (l *liveLists) list(e Endpoint) *liveList {
	k := liveKey{e.Provider, e.API, e.BaseURL, sha256.Sum256([]byte(e.Key.Reveal()))}
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.known[k]
	if list == nil {
		if len(l.known) >= maxLive {
			clear(l.known)
		}
		list = &liveList{}
		l.known[k] = list
	}
	return list
}

// probeOllama asks whether an Ollama runs at its usual address. On a machine
// without one that costs a refused connection.
func (d *Directory) probeOllama(ctx context.Context) (Endpoint, []Model, bool) {
	if d.options.NoProbe {
		return Endpoint{}, nil, false
	}
	base, err := d.options.OllamaURL("")
	if err != nil {
		return Endpoint{}, nil, false
	}
	e := Endpoint{Provider: OllamaID, API: OpenAIChat, BaseURL: base}
	models, err := d.live.getWithin(ctx, e, probeWait)
	return e, Merge(nil, models), err == nil
}
