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

// run lets the turn's provider call happen and stores what came of it. It is
// the turn's own goroutine, and ends with it.
func (s *Service) run(ctx context.Context, l *live, pl *plan) {
	defer s.turns.Done()
	s.conclude(l, pl, s.options.Caller.Run(ctx, &pl.call, l))
}

// conclude stores and tells how the call has ended. It is apart from run so that
// what it needs is not on the stack while the answer streams.
//
//go:noinline
func (s *Service) conclude(l *live, pl *plan, result *generate.Result) {
	l.cancel(nil) // frees the context
	end := s.end(l, pl, result)
	if fault.Is(result.Err, fault.Internal) {
		s.options.Logger.Error("a turn failed for a reason of our own", "turn", l.ref.ID, "error", result.Err)
	}
	settled := s.store(l, pl, result, &end)
	pl.hold.Leave(tokensOf(result))
	l.finish(end)
	if !settled {
		s.storeLate(l, pl, result, &end)
	}
	l.settle()

	s.mu.Lock()
	s.running--
	s.mu.Unlock()
	time.AfterFunc(s.options.Linger, func() { s.forget(l) })
	if pl.entitle && result.Err == nil {
		s.chores.Go(func() { s.entitle(pl, end.Answer) })
	}
}

func (s *Service) forget(l *live) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live[l.ref] == l {
		delete(s.live, l.ref)
	}
}

// end is how the turn ended, as it is stored and told.
func (s *Service) end(l *live, pl *plan, r *generate.Result) End {
	l.mu.Lock()
	text, runs := l.log.Whole()
	l.mu.Unlock()
	a := conversation.Message{
		Account: l.ref.Account, Conversation: l.status.Conversation, ID: l.ref.ID, Parent: l.status.Question,
		Role: conversation.Assistant, Parts: Parts(text, runs), State: conversation.Complete,
		Model: l.status.Model, Finish: string(r.Finish), Usage: shown(r.Entry),
		CreatedAt: l.status.StartedAt, FinishedAt: s.options.Now(),
	}
	e := End{Title: pl.title}
	if r.Err != nil {
		f := fault.Of(r.Err)
		a.State, a.Finish = stateOf(f.Kind), ""
		a.ErrorCode, a.ErrorText = f.Kind.String(), f.Public()
		e.RetryAfter = f.RetryAfter
	}
	e.Answer = a
	return e
}

func stateOf(kind fault.Kind) conversation.State {
	switch kind {
	case fault.Canceled:
		return conversation.Cancelled
	case fault.Interrupted:
		return conversation.Interrupted
	}
	return conversation.Failed
}

// shown is what of a ledger row a message carries for display.
func shown(e usage.Entry) conversation.Usage {
	t := e.Tokens
	return conversation.Usage{
		Input: t.Input, CachedRead: t.CachedRead, CachedWrite: t.CachedWrite, Output: t.Output, Reasoning: t.Reasoning,
		CostMicroUSD: e.CostMicroUSD, PriceKnown: e.PriceKnown, Estimated: e.Source == usage.Estimated,
	}
}

// The patience with a database that is away when a turn ends: for so long the
// end waits to be told, then it is told and goes on trying.
const (
	storeTries = 8
	storeWait  = 100 * time.Millisecond // doubled with each try: 26 s in all
	lateWait   = 5 * time.Second
)

// store writes the turn's end, trying again while the database is away. settled
// is false where it stayed away. A server that is stopping tries once more and
// no longer: the turn is still running in the store then, with its chunks, and
// when its lease has run out the reaper ends it, once, ledger and all.
func (s *Service) store(l *live, pl *plan, r *generate.Result, end *End) (settled bool) {
	for try := range storeTries {
		if s.tryStore(l, pl, r, end) {
			return true
		}
		if wait(s.work, storeWait<<try) != nil {
			break
		}
	}
	return s.tryStore(l, pl, r, end)
}

// storeLate goes on trying to store an end that has been told, until the
// database is back or the server stops. Meanwhile the turn counts as running.
func (s *Service) storeLate(l *live, pl *plan, r *generate.Result, end *End) {
	for wait(s.work, lateWait) == nil {
		if s.tryStore(l, pl, r, end) {
			return
		}
	}
}

// tryStore tries once; settled is false where trying again may help.
func (s *Service) tryStore(l *live, pl *plan, r *generate.Result, end *End) (settled bool) {
	ctx, cancel := context.WithTimeout(context.Background(), storing)
	defer cancel()
	ours, warnings, err := s.storeOnce(ctx, l, pl, r, end)
	switch {
	case err != nil:
		s.options.Logger.Error("the end of a turn could not be stored", "turn", l.ref.ID, "error", err)
		return fault.Of(err).Kind != fault.Unavailable
	case ours:
		l.warn(warnings)
		return true
	case s.stillOurs(ctx, l):
		return false
	}
	s.yield(ctx, l, end)
	return true
}

func (s *Service) storeOnce(ctx context.Context, l *live, pl *plan, r *generate.Result, end *End) (ours bool, warnings []quota.Warning, err error) {
	if l.ephemeral {
		warnings, err = s.settle(ctx, pl.hold, r.Entries)
		return true, warnings, err
	}
	return s.options.Store.Finish(ctx, FinishParams{Ref: l.ref, Epoch: l.fence(), State: State(end.Answer.State),
		Answer: end.Answer, Entries: r.Entries, Now: end.Answer.FinishedAt})
}

// settle stores what a call cost that no turn stands for.
func (s *Service) settle(ctx context.Context, hold *quota.Hold, entries []usage.Entry) ([]quota.Warning, error) {
	if hold == nil {
		return nil, s.options.Ledger.Append(ctx, entries)
	}
	return s.options.Quota.Settle(ctx, hold.Account, hold.ID, entries)
}

// tokensOf is what a call used, all its attempts together.
func tokensOf(r *generate.Result) (n int64) {
	for i := range r.Entries {
		n += r.Entries[i].Tokens.Total()
	}
	return n
}

// yield takes over the end that somebody else has given the turn. Who follows
// it here has seen more than they stored, and gets theirs as a snapshot.
func (s *Service) yield(ctx context.Context, l *live, end *End) {
	s.forget(l)
	if stored, err := s.options.Conversations.Message(ctx, l.ref.Account, l.ref.ID); err == nil {
		end.Answer = stored
		l.replace(stored.Parts)
	}
}
