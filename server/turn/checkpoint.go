package turn

import (
	"context"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// checkpointLoop stores what is new of all running turns, about once a second,
// and renews their leases with it.
func (s *Service) checkpointLoop() {
	tick := time.NewTicker(s.options.Checkpoint)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.checkpoint()
		case <-s.stopped:
			return
		}
	}
}

func (s *Service) checkpoint() {
	turns := s.unfinished()
	if len(turns) == 0 {
		return
	}
	running := make([]Ref, 0, len(turns))
	var chunks []Chunk
	for _, l := range turns {
		running = append(running, l.ref)
		if c, some := l.unstored(); some {
			chunks = append(chunks, c)
		}
	}
	ctx, cancel := context.WithTimeout(s.storage, storing)
	defer cancel()
	lost, asked, err := s.options.Store.Checkpoint(ctx, s.owner, s.options.Lease, running, chunks)
	if err != nil {
		s.options.Logger.Error("a checkpoint failed; the next one carries its text too", "turns", len(running), "error", err)
		return
	}
	for _, c := range chunks {
		if l := s.find(c.Ref); l != nil && !slices.Contains(lost, c.Ref) {
			l.markStored(c)
		}
	}
	lost = slices.DeleteFunc(lost, func(ref Ref) bool {
		l := s.find(ref)
		return l == nil || !l.runs() || s.stillOurs(ctx, l)
	})
	s.cancelAll(lost, errLost)
	s.cancelAll(asked, errCancelled)
}

// errLost is the cause with which a turn ends that another process took over.
var errLost = fault.New(fault.Interrupted, "Another server took this answer over.")

func (s *Service) cancelAll(refs []Ref, why error) {
	for _, ref := range refs {
		if l := s.find(ref); l != nil {
			l.cancel(why)
		}
	}
}

// unfinished lists the turns that run here and are stored.
func (s *Service) unfinished() []*live {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*live, 0, s.running)
	for _, l := range s.live {
		if !l.ephemeral && l.runs() {
			all = append(all, l)
		}
	}
	return all
}

// runs reports whether the turn has begun and its end is still to be stored.
func (l *live) runs() bool {
	select {
	case <-l.ready:
	default:
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed == nil && !l.settled
}

// fence is the epoch that the turn's writes carry.
func (l *live) fence() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch
}

// stillOurs tells, of a turn whose write was fenced off, whether it was this
// process itself that claimed it anew, its lease having run out while the
// database was away. Then the turn goes on under its new epoch.
func (s *Service) stillOurs(ctx context.Context, l *live) bool {
	rec, err := s.options.Store.Get(ctx, l.ref)
	switch {
	case err != nil:
		return !fault.Is(err, fault.NotFound) // not known: the next write will tell
	case rec.State != Running || rec.Owner != s.owner:
		return false
	}
	l.adopt(rec.Epoch)
	return true
}

// adopt takes over a new epoch, after this process claimed its own turn.
func (l *live) adopt(epoch int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epoch = max(l.epoch, epoch)
}
