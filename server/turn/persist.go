package turn

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// The patience with a database that is away. What a call has used is known to
// this process alone until it is stored, so it goes on trying for as long as it
// lives; only who waits for the end is told of it before.
const (
	storing     = 30 * time.Second       // one try
	firstPause  = 100 * time.Millisecond // between two of them, doubled with each
	longPause   = 5 * time.Second        // and no longer than this
	tellingWait = 25 * time.Second       // until an end is told that is not stored yet
	farewell    = 3 * time.Second        // for all that a stopping server still has to store
)

// errUnsettled says that a step did nothing and may be tried again.
var errUnsettled = fault.New(fault.Unavailable, "")

// persist does a step against the database again and again while that is away.
// A server that is stopping tries once more and no longer: what it leaves is
// still running, or still held, in the database, and when its time there has run
// out the reaper settles it, once, at what is known there.
func (s *Service) persist(step func(ctx context.Context) error) error {
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := s.try(step)
		if !away(err) {
			return err
		}
		if wait(s.work, pause) != nil {
			return s.try(step)
		}
	}
}

func (s *Service) try(step func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(s.storage, storing)
	defer cancel()
	return step(ctx)
}

// away reports whether an error is that of a database that cannot be reached, or
// does not answer.
func away(err error) bool {
	if err == nil {
		return false
	}
	switch fault.Of(err).Kind {
	case fault.Unavailable, fault.Timeout, fault.Canceled: // the latter two are our own patience
		return true
	}
	return false
}

// forAClient bounds what is stored on behalf of a client who may leave
// meanwhile.
func (s *Service) forAClient(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
	stop := context.AfterFunc(s.storage, cancel)
	return ctx, func() { stop(); cancel() }
}

// store writes a turn's end and what it cost.
func (s *Service) store(l *live, pl *plan, r *generate.Result, end *End) {
	err := s.persist(func(ctx context.Context) error {
		err := s.storeOnce(ctx, l, pl, r, end)
		if err != nil {
			s.options.Logger.Error("the end of a turn could not be stored", "turn", l.ref.ID, "error", err)
		}
		return err
	})
	if err != nil {
		s.options.Logger.Error("the end of a turn is left to the reaper", "turn", l.ref.ID)
	}
}

func (s *Service) storeOnce(ctx context.Context, l *live, pl *plan, r *generate.Result, end *End) error {
	if l.ephemeral {
		warnings, err := s.settle(ctx, pl.hold, r.Entries)
		l.warn(warnings)
		return err
	}
	ours, warnings, err := s.options.Store.Finish(ctx, FinishParams{Ref: l.ref, Epoch: l.fence(), State: State(end.Answer.State),
		Answer: end.Answer, Entries: r.Entries, Now: end.Answer.FinishedAt})
	switch {
	case err != nil:
		return err
	case ours:
		l.warn(warnings)
		return nil
	}
	return s.cede(ctx, l, pl, r, end)
}

// cede ends a turn whose end was fenced off. Where it is gone from the store nobody
// else knows what it cost, and its user owes it all the same.
func (s *Service) cede(ctx context.Context, l *live, pl *plan, r *generate.Result, end *End) error {
	switch s.fencedOff(ctx, l) {
	case stillOurs:
		return errUnsettled
	case goneFromStore:
		if _, err := s.settle(ctx, pl.hold, r.Entries); err != nil {
			return err
		}
	}
	s.yield(ctx, l, end)
	return nil
}

// settle stores what a call cost that no turn stands for, once, however often it is
// called.
func (s *Service) settle(ctx context.Context, hold *quota.Hold, entries []usage.Entry) ([]quota.Warning, error) {
	if !hold.Charged() {
		return nil, s.options.Ledger.Append(ctx, entries)
	}
	return s.options.Quota.Settle(ctx, hold.Account, hold.ID, entries)
}

// yield takes over the end that somebody else has given the turn. Who follows
// it here has seen more than they stored, and gets theirs as a snapshot.
func (s *Service) yield(ctx context.Context, l *live, end *End) {
	s.forget(l)
	if stored, err := s.options.Conversations.Message(ctx, l.ref.Account, l.ref.ID); err == nil {
		if !sameText(stored, end.Answer) {
			l.replace(stored.Parts)
		}
		end.Answer = stored
	}
}

// sameText reports whether two answers read the same: then what a client has
// seen is what is stored, as where our own try succeeded and nobody heard of it.
func sameText(a, b conversation.Message) bool {
	return a.State == b.State && conversation.PlainText(a.Parts) == conversation.PlainText(b.Parts)
}
