package main

import (
	"context"
	"sync"
	"time"

	"github.com/aichat-term/aichat/bench/stub"
)

// sentTimes notes when the stub sent each delta of the answer that is measured.
type sentTimes struct {
	profile stub.Profile
	first   chan struct{}

	mu sync.Mutex
	at []time.Time
}

func newSentTimes(p stub.Profile) *sentTimes {
	return &sentTimes{profile: p, first: make(chan struct{})}
}

// note is told by the stub. The same model asked for a title as well would send
// its deltas anew: the first answer counts.
func (s *sentTimes) note(p stub.Profile, delta int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p != s.profile || delta != len(s.at) {
		return
	}
	s.at = append(s.at, at)
	if delta == 0 {
		close(s.first)
	}
}

// begun waits for the first delta.
func (s *sentTimes) begun(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	select {
	case <-s.first:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// over reports whether the last delta was sent.
func (s *sentTimes) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at) == s.profile.Deltas
}

// lags is the time from sending to drawing of each mark, and how many marks
// were never drawn.
func (s *sentTimes) lags(t *terminal) (lags []time.Duration, missed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, sent := range s.at {
		mark, ok := stub.Mark(i)
		if !ok {
			continue
		}
		if drawn, ok := t.firstDrawn(mark); ok {
			lags = append(lags, drawn.Sub(sent))
		} else {
			missed++
		}
	}
	return lags, missed
}
