package redis_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/quota/quotatest"
	"github.com/aichat-term/aichat/server/quota/redis"
	"github.com/aichat-term/aichat/server/quota/redis/redistest"
	"github.com/aichat-term/aichat/server/visitor"
	"github.com/aichat-term/aichat/server/visitor/visitortest"
)

// patience is how long a test's Redis may take to answer: the machine may be
// busy, and nothing here is about how long things take.
const patience = time.Minute

func open(t *testing.T, o redis.Options) *redis.Redis {
	t.Helper()
	if o.URL == "" {
		o.URL = redistest.URL(t)
	}
	o.Timeout = patience
	r, err := redis.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// never is the Pacer of a Redis that must not be taken to be away.
type never struct{ *testing.T }

func (t never) Enter(context.Context, quota.Walker, quota.Rates, int64) (quota.Pass, error) {
	t.Error("Redis was taken to be away")
	return nil, fault.New(fault.Internal, "away")
}

func (t never) Look(context.Context, identity.AccountID) (quota.Pace, bool) {
	t.Error("Redis was taken to be away")
	return quota.Pace{}, false
}

// neverLimit is the Limiter of such a one.
type neverLimit struct{ *testing.T }

func (t neverLimit) Take(string) time.Duration { t.Error("Redis was taken to be away"); return 0 }
func (t neverLimit) Wait(string) time.Duration { t.Error("Redis was taken to be away"); return 0 }
func (t neverLimit) Count(string)              { t.Error("Redis was taken to be away") }

func pacer(t *testing.T, r *redis.Redis) *redis.Pacer { return r.Pacer(uuid.NewString(), never{t}) }

func TestPacer(t *testing.T) {
	t.Parallel()
	quotatest.Pacers(t, func(t *testing.T, now func() time.Time) quota.Pacer {
		return pacer(t, open(t, redis.Options{Prefix: redistest.Prefix(), Now: now}))
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	visitortest.Limiters(t, func(t *testing.T, now func() time.Time) visitor.Limits {
		return open(t, redis.Options{Prefix: redistest.Prefix(), Now: now}).
			Limits(func(string, visitor.Rate) visitor.Limiter { return neverLimit{t} })
	})
}

// TestRedisClock: without a clock of ours Redis's own counts.
func TestRedisClock(t *testing.T) {
	t.Parallel()
	p := pacer(t, open(t, redis.Options{Prefix: redistest.Prefix()}))
	r := quota.Rates{RequestsPerMinute: 1}
	if _, err := p.Enter(t.Context(), ann, r, 1); err != nil {
		t.Fatal(err)
	}
	f := fault.Of(second(p.Enter(t.Context(), ann, r, 1)))
	if f == nil || f.RetryAfter <= 0 || f.RetryAfter > time.Minute {
		t.Errorf("%+v", f)
	}
}

func second(_ quota.Pass, err error) error { return err }

var ann = quota.Walker{Account: "a", Session: "s"}

// TestLease: a stream counts for as long as its server is heard of.
func TestLease(t *testing.T) {
	t.Parallel()
	var at atomic.Int64
	at.Store(1_000_000_000_000_000)
	prefix := redistest.Prefix()
	server := func() *redis.Redis {
		return open(t, redis.Options{Prefix: prefix, Lease: time.Hour, Now: func() time.Time { return time.UnixMicro(at.Load()) }})
	}
	one, two := server(), server()
	dying, other := pacer(t, one), pacer(t, two)
	r := quota.Rates{Streams: 2}
	enter := func(p *redis.Pacer) (quota.Pass, error) { return p.Enter(t.Context(), ann, r, 1) }
	stay, err := enter(dying)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter(dying); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		at.Add(50 * 60_000_000)
		one.Renew(t.Context())
		if _, err := enter(other); err == nil {
			t.Fatal("a stream that runs was forgotten")
		}
	}
	stay.Leave(1)
	one.Renew(t.Context()) // brings nothing back that has ended
	last, err := enter(other)
	if err != nil {
		t.Fatal("a stream that ended still counts: ", err)
	}
	last.Cancel()
	at.Add(61 * 60_000_000)
	for range 2 {
		if _, err := enter(other); err != nil {
			t.Errorf("a dead server's stream still counts: %v", err)
		}
	}
}

// TestAway: without Redis each server counts by itself, says so once, and finds
// back.
func TestAway(t *testing.T) {
	t.Parallel()
	own := redistest.Own(t)
	var log logtest.Log
	prefix := redistest.Prefix()
	r := open(t, redis.Options{URL: own.URL, Prefix: prefix, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	alone := quota.NewPaces(nil)
	p := r.Pacer("one", alone)
	limits := r.Limits(visitor.Alone(nil))("x", visitor.Rate{Burst: 1, Every: time.Hour})
	rates := quota.Rates{RequestsPerMinute: 1, Streams: 1}
	before, err := p.Enter(t.Context(), ann, rates, 1)
	if err != nil || alone.Walkers() != 0 {
		t.Fatal(err)
	}
	own.End()
	<-own.Ended
	if _, err := p.Enter(t.Context(), ann, rates, 1); err != nil {
		t.Errorf("an outage of Redis is one of ours: %v", err)
	}
	if second(p.Enter(t.Context(), ann, rates, 1)) == nil {
		t.Error("nothing is counted without Redis")
	}
	if limits.Take("k") != 0 || limits.Take("k") == 0 || limits.Wait("k") == 0 {
		t.Error("visitors are not counted without Redis")
	}
	limits.Count("k")
	before.Leave(1) // to nobody, without harm
	if _, counted := p.Look(t.Context(), ann.Account); !counted {
		t.Error("the pace is unknown without Redis")
	}
	r.Renew(t.Context())
	for range 5 {
		r.Reach(t.Context())
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || !r.Away() {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
	own.Again(t)
	for r.Away() {
		r.Reach(t.Context())
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
	if _, err := p.Enter(t.Context(), ann, rates, 1); err != nil {
		t.Errorf("the Redis that is back is not asked: %v", err)
	}
	if !strings.Contains(log.String(), "level=INFO") {
		t.Errorf("nothing is said of its being back:\n%s", log.String())
	}
}

// TestNotThere: a server starts without its Redis.
func TestNotThere(t *testing.T) {
	t.Parallel()
	r := open(t, redis.Options{URL: "unix:///nowhere/redis.sock"})
	alone := quota.NewPaces(nil)
	if _, err := r.Pacer("one", alone).Enter(t.Context(), ann, quota.Rates{}, 1); err != nil || alone.Walkers() != 1 {
		t.Errorf("%d, %v", alone.Walkers(), err)
	}
	for _, wrong := range []string{"http://x", "redis://x/y", "redis://u:secret@x:6379/a/b"} {
		if _, err := redis.Open(redis.Options{URL: wrong}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
