package provider

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// How long a provider's own list is believed; how long a person waits for one,
// and how long it may take to come: what comes late is there the next time.
const (
	liveFor      = 10 * time.Minute
	liveErrorFor = 15 * time.Second
	liveWait     = 1500 * time.Millisecond
	liveCall     = 10 * time.Second
	probeWait    = 300 * time.Millisecond
)

// liveLists remembers what providers say they offer.
type liveLists struct {
	vendors map[API]Provider
	open    func(context.Context, Endpoint) (Endpoint, error) // its key
	now     func() time.Time

	mu    sync.Mutex
	known map[liveKey]*liveList
}

// liveKey tells endpoints apart without keeping their keys.
type liveKey struct {
	provider string
	api      API
	baseURL  string
	key      [sha256.Size]byte // of what is known already
	kept     vault.KeyID       // of what is not
}

// liveList is one provider's answer. Callers who want it at once share one call,
// which belongs to none of them: each waits for as long as it wants to.
type liveList struct {
	mu     sync.Mutex
	models []Model // as last heard, though err may be newer
	err    error
	until  time.Time
	heard  time.Time     // when that was
	asking chan struct{} // closed when the call under way has ended; nil: none is
	since  time.Time     // when that call began
}

func newLiveLists(vendors map[API]Provider, open func(context.Context, Endpoint) (Endpoint, error), now func() time.Time) *liveLists {
	return &liveLists{vendors: vendors, open: open, now: now, known: map[liveKey]*liveList{}}
}

// get returns the endpoint's models, asking it where nothing fresh is known. With
// an error come the models that were known before, if any.
func (l *liveLists) get(ctx context.Context, e Endpoint) ([]Model, error) {
	return l.getWithin(ctx, e, liveFor, liveWait, liveCall)
}

// fresh is get for somebody who wants to know how it stands now, and waits for it.
func (l *liveLists) fresh(ctx context.Context, e Endpoint) ([]Model, error) {
	return l.getWithin(ctx, e, liveErrorFor, liveCall, liveCall)
}

// getWithin takes what is not older than old. It waits for a call that may take as
// long as call says until it has been under way for wait: who comes later to a
// provider that hangs does not wait for it again.
func (l *liveLists) getWithin(ctx context.Context, e Endpoint, old, wait, call time.Duration) ([]Model, error) {
	list := l.list(e)
	asking, since := list.ask(func() { l.refresh(context.WithoutCancel(ctx), list, e, call) }, l.now(), old)
	if asking != nil {
		waiting, cancel := context.WithTimeout(ctx, since.Add(wait).Sub(l.now()))
		defer cancel()
		select {
		case <-asking:
		case <-waiting.Done():
			return list.last(), fault.Wrap(waiting.Err(), fault.ProviderTimeout,
				"%s has not said yet which models it has; try again in a moment.", e.Provider)
		}
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	return list.models, list.err
}

// last is what was heard last.
func (list *liveList) last() []Model {
	list.mu.Lock()
	defer list.mu.Unlock()
	return list.models
}

// ask returns nil where what is known is not older than old; else what is closed when a call
// has ended, and when that began: the one under way, or call, which it then
// starts.
func (list *liveList) ask(call func(), now time.Time, old time.Duration) (asking <-chan struct{}, since time.Time) {
	list.mu.Lock()
	defer list.mu.Unlock()
	if now.Before(list.until) && now.Before(list.heard.Add(old)) {
		return nil, now
	}
	if list.asking == nil {
		list.asking, list.since = make(chan struct{}), now
		go call()
	}
	return list.asking, list.since
}

// refresh asks the endpoint, and remembers what came of it.
func (l *liveLists) refresh(ctx context.Context, list *liveList, e Endpoint, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	e, err := l.open(ctx, e)
	var models []Model
	if err == nil {
		models, err = l.vendors[e.API].Models(ctx, e)
	}
	for i := range models {
		models[i].Provider = e.Provider
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	list.heard = l.now()
	if list.err = err; err == nil {
		list.models, list.until = models, list.heard.Add(liveFor)
	} else {
		list.until = list.heard.Add(liveErrorFor)
	}
	close(list.asking)
	list.asking = nil
}

// maxLive bounds how many endpoints are remembered: callers bring their own.
const maxLive = 1000

func (l *liveLists) list(e Endpoint) *liveList {
	k := liveKey{provider: e.Provider, api: e.API, baseURL: e.BaseURL, key: sha256.Sum256([]byte(e.Key.Reveal()))}
	if e.kept != nil {
		k.kept = e.kept.ID
	}
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
	e := Endpoint{Provider: OllamaID, API: OpenAIChat, BaseURL: base, payer: nobody}
	models, err := d.live.getWithin(ctx, e, liveFor, probeWait, probeWait)
	return e, Merge(nil, models), err == nil
}
