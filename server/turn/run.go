package turn

import (
	"context"
	"sync"
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
	s.conclude(l, pl, s.options.Caller.Run(ctx, &pl.call, l))
}

// conclude stores and tells how the call has ended. It is apart from run so that
// what it needs is not on the stack while the answer streams.
//
//go:noinline
func (s *Service) conclude(l *live, pl *plan, result *generate.Result) {
	l.cancel(nil) // frees the context
	end := s.end(l, pl, result)
	s.report(l, result)
	leave := sync.OnceFunc(func() { pl.hold.Leave(tokensOf(result)) })
	tell := func(e End) { leave(); l.finish(e) }
	unstored := end
	late := time.AfterFunc(tellingWait, func() { tell(unstored) })
	s.store(l, pl, result, &end)
	late.Stop()
	tell(end)
	l.settle()

	s.mu.Lock()
	s.running--
	s.mu.Unlock()
	time.AfterFunc(s.options.Linger, func() { s.forget(l) })
	if pl.entitle && result.Err == nil {
		s.chores.Go(func() { s.entitle(pl, result.Route, end.Answer) })
	}
}

// report logs a turn that failed: an operator has to see that a provider is away,
// or refuses a key, also where it billed nothing.
func (s *Service) report(l *live, r *generate.Result) {
	if r.Err == nil {
		return
	}
	log := s.options.Logger.With("turn", l.ref.ID, "model", l.status.Model)
	switch f := fault.Of(r.Err); f.Kind {
	case fault.Canceled, fault.Interrupted:
	case fault.Internal:
		log.Error("a turn failed for a reason of our own", "error", r.Err)
	case fault.ProviderRefused: // whose words may quote the question
		log.Warn("a turn failed", "code", f.Kind)
	default:
		log.Warn("a turn failed", "code", f.Kind, "error", r.Err)
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
		Model: l.answering(), Finish: string(r.Finish), Usage: shown(r.Entry),
		CreatedAt: l.status.StartedAt, FinishedAt: s.options.Now(),
	}
	e := End{Title: pl.title}
	if r.Err != nil {
		f := fault.Of(r.Err)
		if len(text) == 0 {
			a.Model = l.status.Model // nobody has answered the question to it
		}
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
		CostMicroUSD: e.CostMicroUSD, PriceKnown: e.PriceKnown, Estimated: e.Source.Ours(),
	}
}

// tokensOf is what a call used, all its attempts together.
func tokensOf(r *generate.Result) (n int64) {
	for i := range r.Entries {
		n += r.Entries[i].Tokens.Total()
	}
	return n
}
