package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// lose gives the connection up, and says so.
func (s *Stream) lose(err error) (Event, error) {
	if conn := s.connection(); conn != nil && conn.lasted() {
		s.failures = 0
	}
	s.drop()
	if refusal, ok := errors.AsType[*Error](err); ok {
		s.refusal, s.heard = refusal, true
	}
	if !transient(err) || s.forsaken(err) {
		return Event{}, s.final(err)
	}
	s.failures++
	if s.failures > s.client.retry.Attempts {
		return Event{}, s.final(err)
	}
	s.retryIn, s.lost = s.pause(err), true
	s.client.log.Debug("stream lost", "turn_id", s.turn, "attempt", s.failures, "error", err)
	return Event{Name: EventConnection, Connection: &Connection{
		Lost:    true,
		Never:   !s.heard,
		Err:     err,
		Attempt: s.failures,
		Allowed: s.client.retry.Attempts,
		Wait:    s.retryIn.length,
	}}, nil
}

// forsaken reports whether this is the second silence of a server that never said
// anything: what takes connections there is not about to answer.
func (s *Stream) forsaken(err error) bool {
	if s.heard || !errors.Is(err, errSilent) {
		return false
	}
	before := s.mute
	s.mute = true
	return before
}

// patience is how long the next connection may take to bring its first byte.
func (s *Stream) patience() time.Duration {
	if s.mute && !s.heard {
		return s.client.retry.Silence / 3
	}
	return s.client.retry.Silence
}

// reconnect waits out the pause that was announced and connects. told says that
// there is an event to tell.
func (s *Stream) reconnect(ctx context.Context) (ev Event, told bool, err error) {
	if s.retryIn.pending {
		if err := s.sleep(ctx, s.retryIn.length); err != nil {
			return Event{}, false, err
		}
		s.retryIn = wait{}
	}
	if err := s.connect(ctx); err != nil {
		if ctx.Err() != nil || s.ctx.Err() != nil {
			return Event{}, false, err
		}
		ev, err := s.lose(err)
		return ev, err == nil, err
	}
	if !s.lost {
		return Event{}, false, nil
	}
	s.lost = false
	return Event{Name: EventConnection, Connection: &Connection{Allowed: s.client.retry.Attempts}}, true, nil
}

// pause is how long to wait after a failure.
func (s *Stream) pause(err error) wait {
	var asked time.Duration
	var refusal *Error
	var broken *brokenError
	switch {
	case errors.As(err, &refusal):
		asked = time.Duration(refusal.RetryAfter) * time.Second
	case errors.As(err, &broken):
		asked = broken.retry
	}
	return wait{pending: true, length: s.client.retry.wait(s.failures, asked)}
}

// sleep waits for d, unless the caller's or the Stream's context ends.
func (s *Stream) sleep(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	if !sleep(ctx, d) {
		return ctx.Err()
	}
	return nil
}

// final is the error that a stream ends with. Where nobody answered at last it
// holds what was said before: that may be the reason.
func (s *Stream) final(err error) error {
	var refusal *Error
	if s.begin == nil && errors.As(err, &refusal) && refusal.Status == http.StatusNotFound {
		return &GoneError{Turn: s.turn, Err: err}
	}
	end := &UnreachableError{URL: s.client.BaseURL(), Local: isLocal(s.client.http.Transport), Last: s.refusal}
	if broken, ok := errors.AsType[*brokenError](err); ok {
		end.Err = broken.err
		return end
	}
	if unreachable, ok := errors.AsType[*UnreachableError](err); ok {
		end.Err = unreachable.Err
		return end
	}
	return err
}

// transient reports whether it may be otherwise in a moment.
func transient(err error) bool {
	var refusal *Error
	var unreachable *UnreachableError
	var broken *brokenError
	switch {
	case errors.As(err, &refusal):
		return gateway(refusal.Status) && refusal.Status != http.StatusRequestEntityTooLarge
	case errors.As(err, &unreachable), errors.As(err, &broken):
		return true
	}
	return false
}

// transientAtFirst is the same before anything was heard: then a connection
// that cannot be made is no accident, and a refusal is told at once unless the
// server itself says when to come back, and that is soon.
func transientAtFirst(err error) bool {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.Status == http.StatusServiceUnavailable && refusal.RetryAfter > 0 && refusal.RetryAfter <= soon
	}
	return transient(err) && !neverConnected(err)
}

// soon is in seconds.
const soon = 5

// brokenError is a connection that was there and broke.
type brokenError struct {
	err   error
	retry time.Duration // what the server asked for
}

func (e *brokenError) Error() string { return fmt.Sprintf("the connection broke: %v", e.err) }
func (e *brokenError) Unwrap() error { return e.err }
