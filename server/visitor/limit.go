package visitor

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how often one visitor may do a thing: Burst times at once, and then
// once in each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limiter counts what visitors do, each by a key. It is safe for concurrent use.
type Limiter interface {
	// Take counts one time and reports how long the visitor must wait; zero: it
	// may go on. A refused time is not counted.
	Take(key string) time.Duration

	// Wait reports how long the visitor must wait, and counts nothing; zero: it
	// may go on. It is for what is counted only if it goes wrong, by Count.
	Wait(key string) time.Duration

	// Count counts one time, also beyond what is allowed: who does many at once
	// waits the longer.
	Count(key string)
}

// Limits makes a Limiter for one thing that visitors do. The name tells it from
// the others where several servers count together.
type Limits func(name string, r Rate) Limiter

// Alone are the Limits of a process that counts by itself; now nil is time.Now.
func Alone(now func() time.Time) Limits {
	return func(_ string, r Rate) Limiter { return NewLimit(r, now) }
}

// Limit counts what visitors do, each by a key: a token bucket for each of the
// visitors that came last. It is in memory and of this process alone. It is safe
// for concurrent use.
type Limit struct {
	rate Rate
	keep int
	now  func() time.Time

	mu      sync.Mutex
	buckets map[string]*list.Element // of *bucket
	recent  *list.List               // the one that came last in front
}

// kept is how many visitors are remembered: some megabytes. Whoever can come
// from more networks than that is not held by counting them.
const kept = 1 << 15

var _ Limiter = (*Limit)(nil)

type bucket struct {
	key    string
	tokens *rate.Limiter
}

// NewLimit makes a Limit; now nil is time.Now.
func NewLimit(r Rate, now func() time.Time) *Limit {
	if now == nil {
		now = time.Now
	}
	return &Limit{rate: r, keep: kept, now: now, buckets: map[string]*list.Element{}, recent: list.New()}
}

// Take implements Limiter.
func (l *Limit) Take(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, tokens := l.now(), l.bucket(key)
	if tokens.AllowN(now, 1) {
		return 0
	}
	return l.missing(tokens.TokensAt(now))
}

// Wait implements Limiter.
func (l *Limit) Wait(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, known := l.buckets[key]
	if !known {
		return 0
	}
	return l.missing(e.Value.(*bucket).tokens.TokensAt(l.now()))
}

// Count implements Limiter.
func (l *Limit) Count(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bucket(key).ReserveN(l.now(), 1)
}

// bucket is the visitor's; it becomes the one that came last. With too many the
// one goes that stayed away longest.
func (l *Limit) bucket(key string) *rate.Limiter {
	if e, known := l.buckets[key]; known {
		l.recent.MoveToFront(e)
		return e.Value.(*bucket).tokens
	}
	if l.recent.Len() >= l.keep {
		oldest := l.recent.Back()
		delete(l.buckets, l.recent.Remove(oldest).(*bucket).key)
	}
	b := &bucket{key: key, tokens: rate.NewLimiter(rate.Every(l.rate.Every), l.rate.Burst)}
	l.buckets[key] = l.recent.PushFront(b)
	return b.tokens
}

// missing is how long it takes until there is a whole token.
func (l *Limit) missing(tokens float64) time.Duration {
	if tokens >= 1 {
		return 0
	}
	return max(1, time.Duration((1-tokens)*float64(l.rate.Every)))
}

// Site is the key of an address for what must not be done often from many
// networks either: of an IPv6 address the /48, which is what one customer may
// have, with 65 536 networks in it. Anything else is as for Network.
func Site(address string) string {
	return prefix(address, 48)
}

// Network is the key of an address: an IPv4 address itself, and of an IPv6
// address the /64, which is what one customer has at least. Anything else is its
// own key.
func Network(address string) string {
	return prefix(address, 64)
}

// prefix is so many bits of an IPv6 address.
func prefix(address string, bits int) string {
	a, err := netip.ParseAddr(address)
	if err != nil || !a.Is6() {
		return address
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return address
	}
	return p.String()
}
