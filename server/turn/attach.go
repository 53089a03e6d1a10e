package turn

import (
	"context"
	"errors"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Attach follows a turn from position after on: wherever it runs, and also when
// it has ended. NotFound if the account has no such turn, or it was ephemeral
// and is forgotten.
func (s *Service) Attach(ctx context.Context, p identity.Principal, id ID, after int64) (Feed, error) {
	ref := Ref{p.Account, id}
	if l := s.find(ref); l != nil {
		return s.join(ctx, l, after)
	}
	return s.followStored(ctx, ref, after)
}

func (s *Service) followStored(ctx context.Context, ref Ref, after int64) (Feed, error) {
	rec, err := s.options.Store.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.storedFeed(rec, after), nil
}

func (s *Service) storedFeed(rec Record, after int64) Feed {
	return &storedFeed{service: s, ref: rec.Ref, status: statusOf(rec), position: after}
}

// Status tells how a turn stands; its faults are Attach's.
func (s *Service) Status(ctx context.Context, p identity.Principal, id ID) (Status, error) {
	ref := Ref{p.Account, id}
	if l := s.find(ref); l != nil {
		if err := l.begun(ctx); err == nil {
			return l.now(), nil
		} else if ctx.Err() != nil {
			return Status{}, err
		}
	}
	rec, err := s.options.Store.Get(ctx, ref)
	return statusOf(rec), err
}

// Cancel ends a turn, wherever it runs, and keeps what has arrived. For one
// that has ended it does nothing.
func (s *Service) Cancel(ctx context.Context, p identity.Principal, id ID) error {
	ref := Ref{p.Account, id}
	if l := s.find(ref); l != nil {
		if err := l.begun(ctx); err == nil {
			l.cancel(errCancelled)
			return nil
		} else if ctx.Err() != nil {
			return err
		}
	}
	return s.options.Store.AskCancel(ctx, ref)
}

// errCancelled is the cause with which a person ends a turn.
var errCancelled = fault.New(fault.Canceled, "")

func (s *Service) find(ref Ref) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[ref]
}

// join follows a turn of this process as soon as it has begun.
func (s *Service) join(ctx context.Context, l *live, after int64) (Feed, error) {
	switch err := l.begun(ctx); {
	case errors.Is(err, errElsewhere):
		return s.followStored(ctx, l.ref, after)
	case err != nil:
		return nil, err
	}
	return l.follow(after), nil
}

// begun waits until the turn has begun, and returns why it could not.
func (l *live) begun(ctx context.Context) error {
	select {
	case <-l.ready:
		return l.failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func statusOf(rec Record) Status {
	return Status{
		ID: rec.ID, Conversation: rec.Conversation, Question: rec.Question, Model: rec.Model,
		State: rec.State, StartedAt: rec.StartedAt, Position: rec.Position,
	}
}
