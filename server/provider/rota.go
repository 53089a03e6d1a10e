package provider

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// rota says which of several keys of one provider takes the next call.
//
// Keys take turns by their weights, smoothly: of two with weights 2 and 1 the turns
// are ABAABA, never AABAAB. A conversation keeps its key for a while, since
// vendors keep read prompts by the account behind a key, and a cached prompt costs a
// tenth; so it is beginnings that are shared out, and calls as far as their
// conversations are alike. Keys without a weight stand behind those that have one,
// keys that rest behind all, the first to wake first.
//
// It is in memory: another process has its own, and learns of a refused key by
// being refused. It is safe for concurrent use.
type rota struct {
	now func() time.Time

	mu     sync.Mutex
	rests  map[string]time.Time // until when
	credit map[string]int       // the more, the sooner
	kept   map[thread]sticky
}

// thread is a conversation; their ids are the accounts' own.
type thread struct {
	account identity.AccountID
	id      string // empty: none
}

// sticky is the key that a conversation keeps.
type sticky struct {
	key   string
	until time.Time
}

// How long a conversation keeps its key without a call, and how much is remembered
// before it is forgotten altogether, which harms nobody.
const (
	sticksFor = time.Hour // the longest that a vendor keeps a prompt
	mostKept  = 10_000
)

// How long keys rest: one that its provider does not know, or that has no credit,
// until somebody may have seen to it; one that was too fast for as long as it was
// told, else for a moment.
const (
	restRefused = 15 * time.Minute
	restLimited = 30 * time.Second
	restMost    = time.Hour
)

func restAfter(f *fault.Error) time.Duration {
	if f.Kind != fault.ProviderRateLimited {
		return restRefused
	}
	return min(cmp.Or(f.RetryAfter, restLimited), restMost)
}

func newRota(now func() time.Time) *rota {
	return &rota{now: now, rests: map[string]time.Time{}, credit: map[string]int{}, kept: map[thread]sticky{}}
}

// name is a key's in the rota. A configuration's keys have one id for all.
func (e *Endpoint) name() string { return e.Provider + "/" + e.KeyID }

// turn puts the keys of one payer into the order in which a call tries them, and
// counts it as the first one's turn.
func (r *rota) turn(keys []Endpoint, conversation thread) []Endpoint {
	if len(keys) < 2 {
		return keys
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	first := r.keeps(keys, conversation, now)
	if first == "" {
		first = r.take(keys, now)
	}
	if conversation.id != "" && first != "" {
		bound(r.kept)
		r.kept[conversation] = sticky{first, now.Add(sticksFor)}
	}
	return r.sorted(keys, first, now)
}

// line is turn's order without anybody's turn.
func (r *rota) line(keys []Endpoint) []Endpoint {
	if len(keys) < 2 {
		return keys
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sorted(keys, "", r.now())
}

// keeps is the key that a conversation has, if it may keep it; else empty.
func (r *rota) keeps(keys []Endpoint, conversation thread, now time.Time) string {
	had, ok := r.kept[conversation]
	if !ok || !now.Before(had.until) {
		return ""
	}
	for i := range keys {
		if keys[i].name() == had.key && r.ready(&keys[i], now) {
			return had.key
		}
	}
	return ""
}

// ready reports whether a key takes turns: it has a weight, and does not rest.
func (r *rota) ready(e *Endpoint, now time.Time) bool {
	return e.weight > 0 && !now.Before(r.rests[e.name()])
}

// take gives the turn to the key with the most credit: each has gained its weight,
// and the one that is taken pays what all have gained. Empty: no key is ready.
func (r *rota) take(keys []Endpoint, now time.Time) (first string) {
	total, most := 0, 0
	bound(r.credit)
	for i := range keys {
		e := &keys[i]
		if !r.ready(e, now) {
			continue
		}
		name := e.name()
		r.credit[name] += e.weight
		total += e.weight
		if first == "" || r.credit[name] > most {
			first, most = name, r.credit[name]
		}
	}
	if first != "" {
		r.credit[first] -= total
	}
	return first
}

// sorted is the keys, first the one of that name.
func (r *rota) sorted(keys []Endpoint, first string, now time.Time) []Endpoint {
	order := slices.Clone(keys)
	slices.SortStableFunc(order, func(a, b Endpoint) int {
		an, bn := a.name(), b.name()
		return cmp.Or(
			last(an != first, bn != first),
			r.until(an, now).Compare(r.until(bn, now)),
			last(a.weight <= 0, b.weight <= 0),
			cmp.Compare(r.credit[bn], r.credit[an]),
		)
	})
	return order
}

// until is when a key's rest is over; zero: it does not rest.
func (r *rota) until(name string, now time.Time) time.Time {
	if until := r.rests[name]; now.Before(until) {
		return until
	}
	return time.Time{}
}

// restsUntil is until when a key rests, for people; zero: it does not.
func (r *rota) restsUntil(name string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.until(name, r.now())
}

// last puts what is behind what is not.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// rest lets a key rest.
func (r *rota) rest(e *Endpoint, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	bound(r.rests)
	r.rests[e.name()] = r.now().Add(d)
}

// wake ends a key's rest: it has served.
func (r *rota) wake(e *Endpoint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rests) > 0 {
		delete(r.rests, e.name())
	}
}

// bound forgets everything where there is too much of it.
func bound[K comparable, V any](m map[K]V) {
	if len(m) >= mostKept {
		clear(m)
	}
}
