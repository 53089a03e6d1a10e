package turn

import (
	"cmp"
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

// checkpointed is how many turns are stored by one transaction: others wait for it,
// and what is new of all of them is copied for as long.
const checkpointed = 128

func (s *Service) checkpoint() {
	for some := range slices.Chunk(s.unfinished(), checkpointed) {
		if !s.checkpointSome(some) {
			return
		}
	}
}

// checkpointSome reports whether the store could be written to.
func (s *Service) checkpointSome(turns []*live) bool {
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
		return false
	}
	for _, c := range chunks {
		if l := s.find(c.Ref); l != nil && !slices.Contains(lost, c.Ref) {
			l.markStored(c)
		}
	}
	for _, ref := range lost {
		s.lose(ctx, ref)
	}
	s.cancelAll(asked, errCancelled)
	return true
}

// The causes with which a turn ends that another process took over, and one that is
// in the store no more, since its user was deleted.
var (
	errLost = fault.New(fault.Interrupted, "Another server took this answer over.")
	errGone = fault.New(fault.Canceled, "This was deleted while it was being answered.")
)

// lose ends a turn whose chunks were fenced off, if it is not ours all the same.
func (s *Service) lose(ctx context.Context, ref Ref) {
	l := s.find(ref)
	if l == nil || !l.runs() {
		return
	}
	switch s.fencedOff(ctx, l) {
	case goneFromStore:
		l.cancel(errGone)
	case othersNow:
		l.cancel(errLost)
	}
}

func (s *Service) cancelAll(refs []Ref, why error) {
	for _, ref := range refs {
		if l := s.find(ref); l != nil {
			l.cancel(why)
		}
	}
}

// unfinished lists the turns that run here and are stored, in one order: so each is
// stored, and its lease renewed, as long after the last time as all are.
func (s *Service) unfinished() []*live {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*live, 0, s.running)
	for _, l := range s.live {
		if !l.ephemeral && l.runs() {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b *live) int {
		return cmp.Or(cmp.Compare(a.ref.Account, b.ref.Account), cmp.Compare(a.ref.ID, b.ref.ID))
	})
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

// whose is what has become of a turn whose write was fenced off.
type whose int

const (
	stillOurs     whose = iota // or not known: the next write will tell
	othersNow                  // who run it, or have ended it
	goneFromStore              // nobody will end it
)

// fencedOff tells what has become of a turn whose write was fenced off. It is ours
// where it was this process itself that claimed it anew, its lease having run out
// while the database was away: then it goes on under its new epoch.
func (s *Service) fencedOff(ctx context.Context, l *live) whose {
	rec, err := s.options.Store.Get(ctx, l.ref)
	switch {
	case fault.Is(err, fault.NotFound):
		return goneFromStore
	case err != nil:
		return stillOurs
	case rec.State != Running || rec.Owner != s.owner:
		return othersNow
	}
	l.adopt(rec.Epoch)
	return stillOurs
}

// adopt takes over a new epoch, after this process claimed its own turn.
func (l *live) adopt(epoch int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epoch = max(l.epoch, epoch)
}
