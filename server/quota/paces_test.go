package quota_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// walking is a Pacer on a clock that a test moves.
type walking struct {
	*testing.T
	*quota.Paces
	now time.Time
}

func newWalking(t *testing.T) *walking {
	w := &walking{T: t, now: may17}
	w.Paces = quota.NewPaces(func() time.Time { return w.now })
	return w
}

var ann = quota.Walker{Account: "a", Session: "s"}

func (w *walking) in(who quota.Walker, r quota.Rates, tokens int64) quota.Pass {
	w.Helper()
	p, err := w.Enter(w.Context(), who, r, tokens)
	if err != nil {
		w.Fatalf("refused: %v", err)
	}
	return p
}

// out checks that a call is refused for a rate, and when it may come again.
func (w *walking) out(who quota.Walker, r quota.Rates, tokens int64, rate string, after time.Duration) {
	w.Helper()
	_, err := w.Enter(w.Context(), who, r, tokens)
	f := fault.Of(err)
	if f == nil || f.Kind != fault.RateLimited || f.Subject != rate || f.RetryAfter.Round(time.Millisecond) != after {
		w.Fatalf("%+v, want refused for %s, to come back in %v", f, rate, after)
	}
}

func TestRequestsPerMinute(t *testing.T) {
	t.Parallel()
	w := newWalking(t)
	r := quota.Rates{RequestsPerMinute: 3}
	for range 3 {
		w.in(ann, r, 1)
	}
	w.out(ann, r, 1, "requests_per_minute", 20*time.Second)
	w.in(quota.Walker{Account: "b"}, r, 1)
	if p, ok := w.Look(t.Context(), "a"); !ok || p.Limit != 3 || p.Remaining != 0 || p.Reset != time.Minute {
		t.Errorf("pace %+v", p)
	}
	w.now = w.now.Add(19 * time.Second)
	w.out(ann, r, 1, "requests_per_minute", time.Second)
	w.now = w.now.Add(time.Second)
	w.in(ann, r, 1).Cancel()
	w.in(ann, r, 1)
	w.out(ann, r, 1, "requests_per_minute", 20*time.Second)
}

func TestTokensPerMinute(t *testing.T) {
	t.Parallel()
	w := newWalking(t)
	r := quota.Rates{TokensPerMinute: 600}
	first := w.in(ann, r, 600)
	w.out(ann, r, 100, "tokens_per_minute", 10*time.Second)
	first.Leave(200) // it used less than it might have
	first.Leave(0)
	first.Cancel()
	second := w.in(ann, r, 400)
	second.Leave(1000) // and this one more
	w.out(ann, r, 100, "tokens_per_minute", 70*time.Second)
	w.now = w.now.Add(2 * time.Minute)
	w.in(ann, r, 5000) // larger than the whole bucket, which is empty
	w.out(ann, r, 1, "tokens_per_minute", 440*time.Second+100*time.Millisecond)
}

func TestStreams(t *testing.T) {
	t.Parallel()
	w := newWalking(t)
	r := quota.Rates{Streams: 3, SessionStreams: 2}
	other := quota.Walker{Account: "a", Session: "other"}
	first := w.in(ann, r, 1)
	w.in(ann, r, 1)
	w.out(ann, r, 1, "session_streams", 5*time.Second)
	w.in(other, r, 1)
	w.out(other, r, 1, "streams", 5*time.Second)
	first.Leave(1)
	w.in(other, r, 1)
}

// TestPacesForget: who is away and has nothing running is not remembered.
func TestPacesForget(t *testing.T) {
	t.Parallel()
	w := newWalking(t)
	r := quota.Rates{RequestsPerMinute: 100, TokensPerMinute: 100}
	running := w.in(ann, r, 1)
	for i := range 500 {
		w.in(quota.Walker{Account: identity.AccountID(rune('b' + i))}, r, 1).Leave(1)
	}
	w.now = w.now.Add(2 * time.Minute)
	w.in(quota.Walker{Account: "last"}, r, 1)
	if n := w.Walkers(); n != 2 {
		t.Errorf("%d accounts are remembered", n)
	}
	running.Leave(1)
}

func TestPacesTogether(t *testing.T) {
	t.Parallel()
	w := newWalking(t)
	r := quota.Rates{RequestsPerMinute: 40, Streams: 100}
	var entered atomic.Int64
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if p, err := w.Enter(t.Context(), ann, r, 1); err == nil {
				entered.Add(1)
				p.Leave(1)
			}
		})
	}
	group.Wait()
	if entered.Load() != 40 {
		t.Errorf("%d entered", entered.Load())
	}
}
