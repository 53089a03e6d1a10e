package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
)

// revisions tells those who watch an account of its new revisions. It stands
// around the stores and hears of every change that this process makes; where
// other processes may change the database too, it also looks every so often.
// While nobody watches an account, it costs a map's look-up per change.
type revisions struct {
	store conversation.Store
	epoch string // the store's
	log   *slog.Logger

	// every is how often it looks by itself; zero: never.
	every time.Duration

	// conversations is the store that everybody is to use.
	conversations conversation.Store

	quit    chan struct{}
	workers sync.WaitGroup

	mu      sync.Mutex
	watched map[identity.AccountID]*watched
}

// watched is an account that at least one client watches.
type watched struct {
	account  identity.AccountID
	nudge    chan struct{} // holds one: something may have changed
	done     chan struct{} // closed with the last watcher
	watchers map[chan int64]struct{}
}

func newRevisions(store conversation.Store, epoch string, every time.Duration, log *slog.Logger) *revisions {
	r := &revisions{store: store, epoch: epoch, every: every, log: log, quit: make(chan struct{}), watched: map[identity.AccountID]*watched{}}
	r.conversations = conversationsTold{store, r}
	return r
}

// Watch implements httpapi.Changes.
func (r *revisions) Watch(account identity.AccountID) (<-chan int64, func()) {
	mine := make(chan int64, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.watched[account]
	if w == nil {
		w = &watched{account: account, nudge: make(chan struct{}, 1), done: make(chan struct{}), watchers: map[chan int64]struct{}{}}
		r.watched[account] = w
		r.workers.Go(func() { r.look(w) })
	}
	w.watchers[mine] = struct{}{}
	return mine, sync.OnceFunc(func() { r.leave(w, mine) })
}

func (r *revisions) leave(w *watched, mine chan int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(w.watchers, mine)
	if len(w.watchers) == 0 && r.watched[w.account] == w {
		delete(r.watched, w.account)
		close(w.done)
	}
}

// close ends all watching.
func (r *revisions) close() {
	close(r.quit)
	r.workers.Wait()
}

// changed is called after every change of an account.
func (r *revisions) changed(account identity.AccountID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.watched[account]; w != nil {
		select {
		case w.nudge <- struct{}{}:
		default:
		}
	}
}

// look follows one account while it is watched.
func (r *revisions) look(w *watched) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.workers.Go(func() { // a look at the database must not outlive the watching
		select {
		case <-r.quit:
		case <-w.done:
		}
		cancel()
	})
	place := r.beginning(ctx, w.account)
	r.advance(ctx, w.account, &place)
	if place.rev > 0 {
		r.tell(w, place.rev) // somebody may have pulled before, and missed what came between
	}
	var tick <-chan time.Time
	if r.every > 0 {
		ticker := time.NewTicker(r.every)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-r.quit:
			return
		case <-w.done:
			return
		case <-w.nudge:
		case <-tick:
		}
		if r.advance(ctx, w.account, &place) {
			r.tell(w, place.rev)
		}
	}
}

// delta is how far an account has been followed.
type delta struct {
	epoch string
	rev   int64
}

// beginning is a place near the newest revision, so that to come there costs
// little: that of the conversation which changed last.
func (r *revisions) beginning(ctx context.Context, account identity.AccountID) delta {
	newest, err := r.store.List(ctx, account, conversation.ListQuery{All: true, Limit: 1})
	if err != nil || len(newest) == 0 {
		return delta{}
	}
	return delta{r.epoch, newest[0].Rev}
}

// advance goes to the account's newest revision, and reports whether it is
// another one than before.
func (r *revisions) advance(ctx context.Context, account identity.AccountID, at *delta) bool {
	const page = 500
	before := *at
	for {
		d, err := r.store.Changes(ctx, account, at.epoch, at.rev, page)
		if fault.Is(err, fault.SyncReset) && *at != (delta{}) {
			*at = delta{}
			continue
		}
		if err != nil {
			if ctx.Err() == nil {
				r.log.Warn("changes cannot be read", "error", err)
			}
			return false
		}
		*at = delta{d.Epoch, d.Rev}
		if !d.More {
			return *at != before
		}
	}
}

// tell leaves the newest revision with every watcher, in place of one that has
// not been taken yet.
func (r *revisions) tell(w *watched, rev int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range w.watchers {
		select {
		case <-c:
		default:
		}
		c <- rev // room for one, which is free now: only tell sends, one at a time
	}
}

// conversationsTold is a store whose changes are heard of.
type conversationsTold struct {
	conversation.Store
	r *revisions
}

func (s conversationsTold) heard(account identity.AccountID, err error) error {
	if err == nil {
		s.r.changed(account)
	}
	return err
}

func (s conversationsTold) Create(ctx context.Context, c conversation.Conversation) error {
	return s.heard(c.Account, s.Store.Create(ctx, c))
}

func (s conversationsTold) Change(ctx context.Context, account identity.AccountID, id conversation.ID, ch conversation.Change, now time.Time) (conversation.Conversation, error) {
	c, err := s.Store.Change(ctx, account, id, ch, now)
	return c, s.heard(account, err)
}

func (s conversationsTold) SetTitle(ctx context.Context, account identity.AccountID, id conversation.ID, title string, now time.Time) error {
	return s.heard(account, s.Store.SetTitle(ctx, account, id, title, now))
}

func (s conversationsTold) Delete(ctx context.Context, account identity.AccountID, id conversation.ID, now time.Time) error {
	return s.heard(account, s.Store.Delete(ctx, account, id, now))
}

func (s conversationsTold) Restore(ctx context.Context, account identity.AccountID, id conversation.ID, now time.Time) (conversation.Conversation, error) {
	c, err := s.Store.Restore(ctx, account, id, now)
	return c, s.heard(account, err)
}

func (s conversationsTold) Fork(ctx context.Context, account identity.AccountID, from conversation.ID, at conversation.MessageID, to conversation.ID, now time.Time) (conversation.Conversation, error) {
	c, err := s.Store.Fork(ctx, account, from, at, to, now)
	return c, s.heard(account, err)
}

// ratingsTold is likewise.
type ratingsTold struct {
	conversation.Ratings
	r *revisions
}

func (s ratingsTold) Rate(ctx context.Context, account identity.AccountID, rating conversation.Rating) error {
	err := s.Ratings.Rate(ctx, account, rating)
	if err == nil {
		s.r.changed(account)
	}
	return err
}

func (s ratingsTold) Unrate(ctx context.Context, account identity.AccountID, user identity.UserID, message conversation.MessageID) error {
	err := s.Ratings.Unrate(ctx, account, user, message)
	if err == nil {
		s.r.changed(account)
	}
	return err
}

// turnsTold is likewise.
type turnsTold struct {
	turn.Store
	r *revisions
}

func (r *revisions) turns(store turn.Store) turn.Store { return turnsTold{store, r} }

func (s turnsTold) Begin(ctx context.Context, p turn.BeginParams) (turn.Record, bool, error) {
	rec, created, err := s.Store.Begin(ctx, p)
	if err == nil && created {
		s.r.changed(p.Record.Account)
	}
	return rec, created, err
}

func (s turnsTold) Finish(ctx context.Context, p turn.FinishParams) (bool, []quota.Warning, error) {
	ours, warnings, err := s.Store.Finish(ctx, p)
	if err == nil && ours {
		s.r.changed(p.Ref.Account)
	}
	return ours, warnings, err
}
