// Package quotatest is the conformance kit of quota.Pacer: what each of them
// must do, whoever keeps the counts.
package quotatest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/quota"
)

// NewPacer makes the Pacer to be tested, on a clock of the test's. It counts for
// no other test.
type NewPacer func(t *testing.T, now func() time.Time) quota.Pacer

// Pacers tests what build makes.
func Pacers(t *testing.T, build NewPacer) {
	for name, test := range map[string]func(*walk){
		"requests a minute":          requests,
		"tokens a minute":            tokens,
		"streams":                    streams,
		"another plan":               anotherPlan,
		"ending twice":               endingTwice,
		"all at once":                together,
		"how it stands":              look,
		"fractions":                  fractions,
		"what is refused is nothing": refusedIsNothing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &walk{T: t}
			w.at.Store(time.Date(2026, 5, 17, 12, 0, 0, 0, time.UTC).UnixMicro())
			w.Pacer = build(t, w.now)
			test(w)
		})
	}
}

// walk is a Pacer on a clock that a test moves.
type walk struct {
	*testing.T
	quota.Pacer
	at atomic.Int64
}

func (w *walk) now() time.Time { return time.UnixMicro(w.at.Load()) }

func (w *walk) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

var ann = quota.Walker{Account: "a", Session: "s"}

// in checks that a call is let in.
func (w *walk) in(who quota.Walker, r quota.Rates, tokens int64) quota.Pass {
	w.Helper()
	p, err := w.Enter(w.Context(), who, r, tokens)
	if err != nil {
		w.Fatalf("refused: %v", err)
	}
	return p
}

// out checks that a call is refused for a rate, and when it may come again.
func (w *walk) out(who quota.Walker, r quota.Rates, tokens int64, rate string, after time.Duration) {
	w.Helper()
	_, err := w.Enter(w.Context(), who, r, tokens)
	f := fault.Of(err)
	if f == nil || f.Kind != fault.RateLimited || f.Subject != rate || f.RetryAfter.Round(time.Millisecond) != after {
		w.Fatalf("%+v, want refused for %s, to come back in %v", f, rate, after)
	}
}

func requests(w *walk) {
	r := quota.Rates{RequestsPerMinute: 3}
	for range 3 {
		w.in(ann, r, 1)
	}
	w.out(ann, r, 1, quota.RequestsPerMinute, 20*time.Second)
	w.in(quota.Walker{Account: "b"}, r, 1)
	w.pass(19 * time.Second)
	w.out(ann, r, 1, quota.RequestsPerMinute, time.Second)
	w.pass(time.Second)
	w.in(ann, r, 1).Cancel()
	w.in(ann, r, 1)
	w.out(ann, r, 1, quota.RequestsPerMinute, 20*time.Second)
}

func tokens(w *walk) {
	r := quota.Rates{TokensPerMinute: 600}
	first := w.in(ann, r, 600)
	w.out(ann, r, 100, quota.TokensPerMinute, 10*time.Second)
	first.Leave(200) // it used less than it might have
	second := w.in(ann, r, 400)
	second.Leave(1000) // and this one more
	w.out(ann, r, 100, quota.TokensPerMinute, 70*time.Second)
	w.pass(2 * time.Minute)
	w.in(ann, r, 5000) // larger than the whole bucket, which is empty
	w.out(ann, r, 1, quota.TokensPerMinute, 440*time.Second+100*time.Millisecond)
}

func streams(w *walk) {
	r := quota.Rates{Streams: 3, SessionStreams: 2}
	other := quota.Walker{Account: "a", Session: "other"}
	first := w.in(ann, r, 1)
	w.in(ann, r, 1)
	w.out(ann, r, 1, quota.SessionStreams, 5*time.Second)
	w.in(other, r, 1)
	w.out(other, r, 1, quota.Streams, 5*time.Second)
	first.Leave(1)
	w.in(other, r, 1)
}

// anotherPlan: what an unlimited plan let through does not count against the
// limits of the next one.
func anotherPlan(w *walk) {
	for range 5 {
		w.in(ann, quota.Rates{}, 1_000_000).Leave(2_000_000)
	}
	r := quota.Rates{RequestsPerMinute: 2, TokensPerMinute: 100}
	w.in(ann, r, 50)
	w.out(ann, r, 51, quota.TokensPerMinute, 600*time.Millisecond)
	w.in(ann, r, 50)
	w.in(ann, quota.Rates{RequestsPerMinute: 4}, 1) // a larger one holds at once
}

func endingTwice(w *walk) {
	r := quota.Rates{TokensPerMinute: 100, RequestsPerMinute: 2, Streams: 2}
	p, q := w.in(ann, r, 50), w.in(ann, r, 50)
	p.Leave(50)
	p.Leave(0)
	p.Cancel()
	q.Cancel()
	q.Leave(100)
	w.in(ann, r, 50)
	w.out(ann, r, 1, quota.RequestsPerMinute, 30*time.Second)
}

func together(w *walk) {
	r := quota.Rates{RequestsPerMinute: 40, Streams: 100}
	var entered atomic.Int64
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if p, err := w.Enter(w.Context(), ann, r, 1); err == nil {
				entered.Add(1)
				p.Leave(1)
			}
		})
	}
	group.Wait()
	if entered.Load() != 40 {
		w.Errorf("%d entered, want 40", entered.Load())
	}
}

func look(w *walk) {
	if p, counted := w.Look(w.Context(), "a"); counted {
		w.Errorf("nobody came yet: %+v", p)
	}
	r := quota.Rates{RequestsPerMinute: 3}
	for range 3 {
		w.in(ann, r, 1)
	}
	w.stands(quota.Pace{Limit: 3, Reset: time.Minute})
	w.pass(25 * time.Second)
	w.stands(quota.Pace{Limit: 3, Remaining: 1, Reset: 35 * time.Second})
	w.pass(35 * time.Second)
	w.stands(quota.Pace{Limit: 3, Remaining: 3})
}

func (w *walk) stands(want quota.Pace) {
	w.Helper()
	got, counted := w.Look(w.Context(), "a")
	got.Reset = got.Reset.Round(time.Millisecond)
	if !counted || got != want {
		w.Errorf("pace %+v (%v), want %+v", got, counted, want)
	}
}

// fractions: what drains between two looks is never lost, however often is
// looked.
func fractions(w *walk) {
	r := quota.Rates{RequestsPerMinute: 7}
	for range 7 {
		w.in(ann, r, 1)
	}
	for range 1000 {
		w.pass(8571 * time.Microsecond)
		w.Look(w.Context(), "a")
	}
	w.out(ann, r, 1, quota.RequestsPerMinute, time.Millisecond) // 429 µs are left of a seventh of a minute
	w.pass(time.Millisecond)
	w.in(ann, r, 1)
}

// refusedIsNothing: whoever keeps asking waits no longer for it.
func refusedIsNothing(w *walk) {
	r := quota.Rates{RequestsPerMinute: 1, Streams: 5}
	w.in(ann, r, 1)
	for range 20 {
		w.out(ann, r, 1, quota.RequestsPerMinute, time.Minute)
	}
	w.pass(time.Minute)
	w.in(ann, r, 1)
}
