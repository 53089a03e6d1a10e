package redis

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// Pacer is a quota.Pacer whose counts all servers share.
type Pacer struct {
	redis *Redis
	alone quota.Pacer // while Redis is away

	mu      sync.Mutex
	name    string // of this process, before the number of a call
	calls   int64
	running map[*pass]struct{}
}

var _ quota.Pacer = (*Pacer)(nil)

// Pacer makes one. alone counts while Redis is away. The name tells this process
// from all others.
func (r *Redis) Pacer(name string, alone quota.Pacer) *Pacer {
	p := &Pacer{redis: r, alone: alone, name: name, running: map[*pass]struct{}{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pacers = append(r.pacers, p)
	return p
}

// What enter.lua says.
const letIn = 0

// refusals are enter.lua's, from 1.
var refusals = []string{quota.Streams, quota.SessionStreams, quota.RequestsPerMinute, quota.TokensPerMinute}

// Enter implements quota.Pacer.
func (p *Pacer) Enter(ctx context.Context, who quota.Walker, r quota.Rates, tokens int64) (quota.Pass, error) {
	s := &pass{pacer: p, id: p.nextID(), tokens: tokens, rates: r}
	s.keys = []string{p.key(who.Account, "pace"), p.key(who.Account, "streams"), p.key(who.Account, "streams:"+who.Session)}
	said, ok := p.redis.ask(ctx, enterScript, s.keys, numbers(p.redis.now(), r.RequestsPerMinute, r.TokensPerMinute,
		r.Streams, r.SessionStreams, tokens).and(s.id).and(p.lease()))
	switch {
	case !ok || len(said) != 3:
		return p.alone.Enter(ctx, who, r, tokens)
	case said[0] != letIn:
		return nil, r.Refuse(refusals[said[0]-1], said[1], time.Duration(said[2])*time.Microsecond)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running[s] = struct{}{}
	return s, nil
}

// Look implements quota.Pacer.
func (p *Pacer) Look(ctx context.Context, account identity.AccountID) (quota.Pace, bool) {
	said, ok := p.redis.ask(ctx, lookScript, []string{p.key(account, "pace")}, numbers(p.redis.now()))
	if !ok || len(said) != 3 {
		return p.alone.Look(ctx, account)
	}
	return quota.Pace{Limit: said[0], Remaining: said[1], Reset: time.Duration(said[2]) * time.Microsecond}, said[0] > 0
}

// key names what is kept of an account. The braces keep all of it on one node of
// a cluster.
func (p *Pacer) key(account identity.AccountID, what string) string {
	return p.redis.o.Prefix + "{" + string(account) + "}:" + what
}

func (p *Pacer) nextID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	return p.name + "." + strconv.FormatInt(p.calls, 36)
}

func (p *Pacer) lease() string { return strconv.FormatInt(p.redis.o.Lease.Microseconds(), 10) }

// arguments of a script.
type arguments []string

func numbers(all ...int64) arguments {
	a := make(arguments, len(all), len(all)+2)
	for i, n := range all {
		a[i] = strconv.FormatInt(n, 10)
	}
	return a
}

func (a arguments) and(text string) arguments { return append(a, text) }

// pass is a call that Redis let in.
type pass struct {
	pacer  *Pacer
	id     string
	keys   []string // as enter.lua's
	tokens int64
	rates  quota.Rates
}

// Leave implements quota.Pass.
func (s *pass) Leave(tokens int64) { s.end(0, tokens-s.tokens) }

// Cancel implements quota.Pass.
func (s *pass) Cancel() { s.end(-1, -s.tokens) }

// end says what the call was more, or less, than had been thought. Where Redis
// is away just now, its stream is forgotten with its lease.
func (s *pass) end(requests, tokens int64) {
	if s.pacer.forget(s) {
		s.leave(requests, tokens)
	}
}

func (s *pass) leave(requests, tokens int64) {
	r := s.pacer.redis
	args := numbers(r.now(), s.rates.RequestsPerMinute, s.rates.TokensPerMinute).and(s.id)
	_, _ = r.ask(context.Background(), leaveScript, s.keys, append(args, numbers(requests, tokens)...)) // see end
}

// forget reports whether the call was running until now.
func (p *Pacer) forget(s *pass) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, running := p.running[s]
	delete(p.running, s)
	return running
}

// renew says of all that runs that it does.
func (r *Redis) renew(ctx context.Context) {
	r.mu.Lock()
	pacers := r.pacers
	r.mu.Unlock()
	for _, p := range pacers {
		p.renew(ctx)
	}
}

func (p *Pacer) renew(ctx context.Context) {
	c := p.redis.client.Load()
	all := p.allRunning()
	if c == nil || p.redis.away.Load() || len(all) == 0 {
		return
	}
	execs := make([]rueidis.LuaExec, len(all))
	for i, s := range all {
		execs[i] = rueidis.LuaExec{Keys: s.keys[1:], Args: numbers(p.redis.now()).and(s.id).and(p.lease())}
	}
	ctx, cancel := context.WithTimeout(ctx, p.redis.o.Timeout)
	defer cancel()
	for _, said := range renewScript.ExecMulti(ctx, *c, execs...) {
		if err := said.Error(); err != nil && ctx.Err() == nil {
			p.redis.lost(err)
			return
		}
	}
	for _, s := range all { // what ended meanwhile may have been renewed after that
		if !p.runs(s) {
			s.leave(0, 0)
		}
	}
}

func (p *Pacer) allRunning() []*pass {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*pass, 0, len(p.running))
	for s := range p.running {
		all = append(all, s)
	}
	return all
}

func (p *Pacer) runs(s *pass) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, running := p.running[s]
	return running
}
