package turn

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// reapBatch is how many dead turns are claimed at once.
const reapBatch = 100

// reapLoop looks for turns whose process has died.
func (s *Service) reapLoop() {
	tick := time.NewTicker(s.options.Lease)
	defer tick.Stop()
	wasAway := false
	for {
		select {
		case <-tick.C:
			wasAway = s.sweep(wasAway)
		case <-s.stopped:
			return
		}
	}
}

// sweep ends what the dead have left, and reports whether the database was away.
// Where it was the last time, leases have run out of those who live, and of what
// they were told only they know all: so they get the time of a lease to renew it.
func (s *Service) sweep(wasAway bool) (isAway bool) {
	if wasAway {
		_, err := s.options.Store.Get(s.work, Ref{}) // which there is not
		return away(err)
	}
	if err := s.reap(s.work, false); err != nil {
		s.options.Logger.Error("dead turns could not be looked for", "error", err)
		return away(err)
	}
	if err := s.expire(s.work, false); err != nil {
		s.options.Logger.Error("reservations that nobody settles could not be looked for", "error", err)
		return away(err)
	}
	return false
}

// reap ends every turn whose owner is dead as interrupted, keeping what had
// been stored of it. One that cannot be ended is left for its next lease and
// holds up no other.
func (s *Service) reap(ctx context.Context, all bool) error {
	for {
		claimed, dead, err := s.claim(ctx, all)
		if err != nil {
			return err
		}
		for i := range dead {
			switch err := s.bury(ctx, &dead[i]); {
			case err == nil:
			case ctx.Err() != nil || away(err):
				return err
			default:
				s.options.Logger.Error("a dead turn could not be ended", "turn", dead[i].ID, "error", err)
			}
		}
		if claimed < reapBatch {
			return nil
		}
	}
}

// expire settles what calls have reserved that died with their process and had no
// turn.
func (s *Service) expire(ctx context.Context, all bool) error {
	if s.options.Quota == nil {
		return nil
	}
	for {
		n, err := s.options.Quota.Expire(ctx, all, reapBatch)
		if n > 0 {
			s.options.Logger.Warn("reservations of dead calls were settled by an estimate", "count", n)
		}
		if err != nil || n < reapBatch {
			return err
		}
	}
}

// claim takes over what nobody runs. Turns of our own, whose lease ran out while
// the database was away, live on under their new epoch; the others are dead.
func (s *Service) claim(ctx context.Context, all bool) (claimed int, dead []Orphan, err error) {
	orphans, err := s.options.Store.Claim(ctx, s.owner, s.options.Lease, all, reapBatch)
	if err != nil {
		return 0, nil, err
	}
	for i := range orphans {
		if l := s.find(orphans[i].Ref); l != nil && l.runs() {
			l.adopt(orphans[i].Epoch)
		} else {
			dead = append(dead, orphans[i])
		}
	}
	return len(orphans), dead, nil
}

// bury ends one dead turn.
func (s *Service) bury(ctx context.Context, o *Orphan) error {
	now := s.options.Now()
	entry := generate.Lost(s.lostCall(ctx, o), len(o.Text), o.StartedAt, now)
	why := fault.New(fault.Interrupted, "")
	_, _, err := s.options.Store.Finish(ctx, FinishParams{
		Ref: o.Ref, Epoch: o.Epoch, State: Interrupted, Entries: []usage.Entry{entry}, Now: now,
		Answer: conversation.Message{
			Account: o.Account, Conversation: o.Conversation, ID: o.ID, Parent: o.Question,
			Role: conversation.Assistant, Parts: Parts(o.Text, o.Runs), State: conversation.Interrupted,
			Model: o.Model, ErrorCode: why.Kind.String(), ErrorText: why.Public(), Usage: shown(entry),
			CreatedAt: o.StartedAt, FinishedAt: now,
		},
	})
	if err == nil {
		s.options.Logger.Warn("a turn was interrupted by its process's death", "turn", o.ID, "bytes_kept", len(o.Text))
	}
	return err
}

// lostCall is the call that a dead turn made, as far as it can be told from the
// store: enough to estimate what the provider billed.
func (s *Service) lostCall(ctx context.Context, o *Orphan) generate.Call {
	m, known := s.options.Directory.Find(o.Model)
	if !known {
		m.Provider, m.Name, _ = provider.SplitID(o.Model)
	}
	request := &provider.Request{Model: m.Name}
	if conv, err := s.options.Conversations.Get(ctx, o.Account, o.Conversation); err == nil {
		request.System = conv.System
	}
	branch, err := s.options.Conversations.Branch(ctx, o.Account, o.Conversation, o.Question, "", 0)
	if err != nil {
		s.options.Logger.Warn("the prompt of a dead turn could not be read; its size is not in the ledger", "turn", o.ID, "error", err)
	}
	for i := range branch {
		request.Messages = append(request.Messages, toProvider(&branch[i]))
	}
	ratio := s.options.Ratios.Of(&m)
	_, _ = fit(ctx, request, m, guesses(ratio)) // it went out, so it did fit: only the trimming matters
	return generate.Call{Account: o.Account, Member: o.Member, Kind: usage.Answer, Turn: string(o.ID),
		Conversation: string(o.Conversation), Route: provider.Route{Model: m}, Request: request, Ratio: ratio}
}
