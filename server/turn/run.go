package turn

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/usage"
)

// run lets the turn's provider call happen and stores what came of it. It is
// the turn's own goroutine, and ends with it.
func (s *Service) run(ctx context.Context, l *live, pl *plan) {
	defer s.turns.Done()
	result := s.options.Caller.Run(ctx, pl.call, l)
	l.cancel(nil) // frees the context

	end := s.end(l, pl, result)
	if fault.Is(result.Err, fault.Internal) {
		s.options.Logger.Error("a turn failed for a reason of our own", "turn", l.ref.ID, "error", result.Err)
	}
	s.store(l, pl, result, &end)
	l.finish(end)

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
	delete(s.live, l.ref)
}

// end is how the turn ended, as it is stored and told.
func (s *Service) end(l *live, pl *plan, r generate.Result) End {
	l.mu.Lock()
	text, runs := l.log.Since(0, nil)
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

// The patience with a database that is away when a turn ends: the answer has
// been told, only its end waits.
const (
	storeTries = 8
	storeWait  = 100 * time.Millisecond // doubled with each try: 13 s in all
)

// store writes the turn's end, trying again while the database is away. If it
// stays away the turn is still running there, with its chunks: when its lease
// has run out the reaper ends it, once, ledger and all. If somebody else has
// ended the turn meanwhile, theirs is the end that counts.
func (s *Service) store(l *live, pl *plan, r generate.Result, end *End) {
	for try := range storeTries {
		ctx, cancel := context.WithTimeout(context.Background(), storing)
		ours, err := s.storeOnce(ctx, l, r, end)
		if err == nil && !ours {
			s.yield(ctx, l, end)
		}
		cancel()
		if err == nil {
			return
		}
		s.options.Logger.Error("the end of a turn could not be stored", "turn", l.ref.ID, "try", try+1, "error", err)
		if fault.Of(err).Kind != fault.Unavailable {
			return
		}
		_ = wait(context.Background(), storeWait<<try) // never cancelled
	}
}

func (s *Service) storeOnce(ctx context.Context, l *live, r generate.Result, end *End) (ours bool, err error) {
	if l.ephemeral {
		return true, s.options.Ledger.Append(ctx, r.Entries)
	}
	return s.options.Store.Finish(ctx, FinishParams{Ref: l.ref, Epoch: l.fence(), State: State(end.Answer.State),
		Answer: end.Answer, Entries: r.Entries, Now: end.Answer.FinishedAt})
}

// yield takes over the end that somebody else has given the turn.
func (s *Service) yield(ctx context.Context, l *live, end *End) {
	s.forget(l)
	if stored, err := s.options.Conversations.Message(ctx, l.ref.Account, l.ref.ID); err == nil {
		end.Answer = stored
	}
}
