package quota

import (
	"context"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Paces is the Pacer of one process. Who has not asked for a minute and has
// nothing running is forgotten, so it holds no more than the accounts of the
// last minute or two.
type Paces struct {
	now func() time.Time

	mu       sync.Mutex
	accounts map[identity.AccountID]*walk
	swept    time.Time
}

var _ Pacer = (*Paces)(nil)

// NewPaces makes Paces; now nil is time.Now.
func NewPaces(now func() time.Time) *Paces {
	if now == nil {
		now = time.Now
	}
	return &Paces{now: now, accounts: map[identity.AccountID]*walk{}, swept: now()}
}

// walk is one account's pace.
type walk struct {
	rates    Rates // as they were last
	requests bucket
	tokens   bucket
	streams  int64
	sessions map[string]int64 // streams of each
}

// bucket drains by its limit in a minute. The zero bucket is empty.
type bucket struct {
	filled float64
	at     time.Time
}

// drain lets run out what has since it was looked at last. What is not limited
// does not gather, for the day on which it will be.
func (b *bucket) drain(now time.Time, limit int64) {
	if gone := now.Sub(b.at); gone > 0 {
		b.filled = max(0, b.filled-gone.Minutes()*float64(limit))
		b.at = now
	}
	if limit == 0 {
		b.filled = 0
	}
}

// wait is how long until n more fit; zero: they do. What is larger than the whole
// bucket fits once it is empty.
func (b *bucket) wait(n, limit int64) time.Duration {
	over := b.filled + float64(min(n, limit)) - float64(limit)
	if limit == 0 || over <= 0 {
		return 0
	}
	return max(time.Millisecond, time.Duration(over/float64(limit)*float64(time.Minute)))
}

// Enter implements Pacer.
func (p *Paces) Enter(_ context.Context, who Walker, r Rates, tokens int64) (Pass, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.sweep(now)
	w := p.accounts[who.Account]
	if w == nil {
		w = &walk{sessions: map[string]int64{}}
		p.accounts[who.Account] = w
	}
	w.drain(now)
	w.rates = r
	if err := w.refuses(who, tokens); err != nil {
		return nil, err
	}
	w.requests.filled++
	w.tokens.filled += float64(tokens)
	w.streams++
	w.sessions[who.Session]++
	return &pass{paces: p, who: who, tokens: tokens}, nil
}

func (w *walk) drain(now time.Time) {
	w.requests.drain(now, w.rates.RequestsPerMinute)
	w.tokens.drain(now, w.rates.TokensPerMinute)
}

// refuses is why a call may not begin now.
func (w *walk) refuses(who Walker, tokens int64) error {
	r := w.rates
	switch {
	case r.Streams > 0 && w.streams >= r.Streams:
		return r.Refuse(Streams, w.streams, 0)
	case r.SessionStreams > 0 && w.sessions[who.Session] >= r.SessionStreams:
		return r.Refuse(SessionStreams, w.sessions[who.Session], 0)
	}
	if wait := w.requests.wait(1, r.RequestsPerMinute); wait > 0 {
		return r.Refuse(RequestsPerMinute, 0, wait)
	}
	if wait := w.tokens.wait(tokens, r.TokensPerMinute); wait > 0 {
		return r.Refuse(TokensPerMinute, 0, wait)
	}
	return nil
}

// Look implements Pacer.
func (p *Paces) Look(_ context.Context, account identity.AccountID) (Pace, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.accounts[account]
	if w == nil || w.rates.RequestsPerMinute == 0 {
		return Pace{}, false
	}
	w.drain(p.now())
	limit := w.rates.RequestsPerMinute
	return Pace{Limit: limit, Remaining: max(0, int64(float64(limit)-w.requests.filled)),
		Reset: time.Duration(w.requests.filled / float64(limit) * float64(time.Minute))}, true
}

// sweep forgets who has been away, once a minute.
func (p *Paces) sweep(now time.Time) {
	if now.Sub(p.swept) < time.Minute {
		return
	}
	p.swept = now
	for account, w := range p.accounts {
		if w.drain(now); w.streams == 0 && w.idle() {
			delete(p.accounts, account)
		}
	}
}

// idle reports whether nothing that is limited is left in the buckets.
func (w *walk) idle() bool {
	return (w.requests.filled == 0 || w.rates.RequestsPerMinute == 0) && (w.tokens.filled == 0 || w.rates.TokensPerMinute == 0)
}

// Walkers counts the accounts that are remembered.
func (p *Paces) Walkers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.accounts)
}

// pass is a call that was let in.
type pass struct {
	paces  *Paces
	who    Walker
	tokens int64
	ended  bool
}

// Leave implements Pass.
func (s *pass) Leave(tokens int64) { s.end(0, tokens-s.tokens) }

// Cancel implements Pass.
func (s *pass) Cancel() { s.end(-1, -s.tokens) }

func (s *pass) end(requests, tokens int64) {
	s.paces.mu.Lock()
	defer s.paces.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	w := s.paces.accounts[s.who.Account] // there: it has a stream
	w.drain(s.paces.now())
	w.requests.filled = max(0, w.requests.filled+float64(requests))
	w.tokens.filled = max(0, w.tokens.filled+float64(tokens))
	w.streams--
	if w.sessions[s.who.Session]--; w.sessions[s.who.Session] == 0 {
		delete(w.sessions, s.who.Session)
	}
}
