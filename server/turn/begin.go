package turn

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// comeBack is when a client that met a stopping server may try again: a local
// server is soon replaced by a newer one.
const comeBack = 2 * time.Second

// Begin begins a turn and follows it from position after on; created is false
// where the same request began it before, and the feed then joins it.
//
// Faults: Invalid, TextInvalid and TooLarge for the request; NotFound,
// IDConflict and TurnRunning as Store.Begin has them; ModelUnknown, NoKey,
// ContextTooLong and the policy's before anything is stored; Unavailable when
// the server takes no new turns.
func (s *Service) Begin(ctx context.Context, p identity.Principal, req Request, after int64) (feed Feed, created bool, err error) {
	if err := req.check(); err != nil {
		return nil, false, err
	}
	ref := Ref{p.Account, req.ID}
	digest := req.digest()
	l, mine := s.enter(ref, digest, req.Ephemeral)
	if l == nil {
		return s.repeated(ctx, ref, digest, after)
	}
	if !mine {
		if !bytes.Equal(l.digest, digest) {
			return nil, false, idTaken()
		}
		feed, err := s.join(ctx, l, after)
		return feed, false, err
	}
	created, err = s.begin(ctx, p, req, l)
	if err != nil || !created {
		s.leave(l, err)
		if err != nil {
			return nil, false, err
		}
		feed, err := s.Attach(ctx, p, req.ID, after)
		return feed, false, err
	}
	return l.follow(after), true, nil
}

func idTaken() error {
	return fault.New(fault.IDConflict, "That id belongs to another turn; choose a fresh one.")
}

// repeated answers a Begin on a server that takes no new turns: one that is
// there already may still be followed.
func (s *Service) repeated(ctx context.Context, ref Ref, digest []byte, after int64) (Feed, bool, error) {
	rec, err := s.options.Store.Get(ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, false, &fault.Error{Kind: fault.Unavailable, RetryAfter: comeBack,
			Message: "The server is about to stop and takes no new questions; try again in a moment."}
	case err != nil:
		return nil, false, err
	case !bytes.Equal(rec.Digest, digest):
		return nil, false, idTaken()
	}
	return s.storedFeed(rec, after), false, nil
}

// enter returns the live turn of that ref, or makes one that has not begun:
// mine is true then, and the caller begins it or leaves. It returns nil where
// there is none and no new turns are taken.
func (s *Service) enter(ref Ref, digest []byte, ephemeral bool) (l *live, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.live[ref]; l != nil {
		return l, false
	}
	if s.retiring {
		return nil, false
	}
	l = newLive(ref, digest, ephemeral)
	s.live[ref] = l
	s.turns.Add(1)
	s.running++
	return l, true
}

// errElsewhere says that the turn is in the store already, and not here.
var errElsewhere = errors.New("turn: it did not begin here")

// leave gives up a turn that did not begin here.
func (s *Service) leave(l *live, err error) {
	s.mu.Lock()
	delete(s.live, l.ref)
	s.running--
	s.mu.Unlock()
	if l.failed = err; err == nil {
		l.failed = errElsewhere
	}
	close(l.ready)
	s.turns.Done()
}

// begin stores the turn and lets it run; created is false where the store has
// it already.
//
// A client that leaves now ends nothing: it must not leave a turn that nobody
// runs, nor fail the repetition that waits for this one.
func (s *Service) begin(ctx context.Context, p identity.Principal, req Request, l *live) (created bool, err error) {
	ctx, done := s.forAClient(ctx)
	defer done()
	plan, rec, created, err := s.place(ctx, p, req, l)
	if err != nil || !created {
		plan.cancel()
		return false, err
	}
	l.status, l.epoch = statusOf(rec), rec.Epoch
	running, cancel := context.WithCancelCause(s.work)
	l.cancel = cancel
	if plan.notice != nil {
		l.notice(*plan.notice)
	}
	close(l.ready)
	plan.begin = nil // stored: it need not be held while the answer streams
	plan.hold.Kept()
	go s.run(running, l, plan)
	runtime.Gosched() // the provider is asked first, then the client is told: it waits for the provider
	return true, nil
}

// placings is how often a question without a parent is placed anew, because the
// conversation went on meanwhile.
const placings = 5

// place plans the turn and stores it. Where somebody else's question came first
// the plan was made for another history: it is made again, so that questions
// follow each other and never fork the conversation by chance.
//
// What nearly always is so is assumed at first: that a conversation which the
// request would create is new, and that enough is left of the plan. Storing finds
// out, and only then is it read.
func (s *Service) place(ctx context.Context, p identity.Principal, req Request, l *live) (pl *plan, rec Record, created bool, err error) {
	look := looks{conversation: !req.opens()}
	for range placings {
		pl, rec, created, err = s.placeOnce(ctx, p, req, l, look)
		switch {
		case errors.Is(err, quota.ErrUnseen):
			look.left = true
		case errors.Is(err, ErrMoved) || err != nil && !look.conversation && s.there(ctx, p, req.Conversation):
			look.conversation = true
		default:
			return pl, rec, created, err
		}
		pl.cancel()
	}
	return pl, rec, created, err
}

// looks says what is read before a turn is placed; what is not is assumed.
type looks struct {
	conversation bool // else it is new
	left         bool // of the plan; else there is enough
}

// there reports whether a conversation is known to exist.
func (s *Service) there(ctx context.Context, p identity.Principal, id conversation.ID) bool {
	_, err := s.options.Conversations.Get(ctx, p.Account, id)
	return err == nil
}

func (s *Service) placeOnce(ctx context.Context, p identity.Principal, req Request, l *live, look looks) (pl *plan, rec Record, created bool, err error) {
	if pl, err = s.prepare(ctx, p, req, l, look); err != nil {
		return nil, rec, false, s.unlessBegun(ctx, l, err)
	}
	if req.Ephemeral {
		rec = pl.begin.Record
		rec.State, rec.StartedAt = Running, pl.begin.Now
		return pl, rec, true, s.reserve(ctx, pl.hold.Reserved())
	}
	rec, created, err = s.options.Store.Begin(ctx, *pl.begin)
	return pl, rec, created, err
}

// reserve holds what a call may use that no turn stands for.
func (s *Service) reserve(ctx context.Context, hold *quota.Hold) error {
	if hold == nil {
		return nil
	}
	return s.options.Quota.Reserve(ctx, hold)
}

// unlessBegun is why a turn cannot begin, or nil where it did long ago: what has
// become of its model, its key or its conversation since does not matter then.
func (s *Service) unlessBegun(ctx context.Context, l *live, why error) error {
	if l.ephemeral {
		return why
	}
	rec, err := s.options.Store.Get(ctx, l.ref)
	switch {
	case err != nil:
		return why
	case !bytes.Equal(rec.Digest, l.digest):
		return idTaken()
	}
	return nil
}
