package turn

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// Options is what a Service is made of. The stores, Directory and Caller are
// required.
type Options struct {
	Store         Store
	Conversations conversation.Store
	Ledger        usage.Store
	Directory     *provider.Directory
	Caller        *generate.Caller

	// Policy defaults to quota.Unmetered. Quota, required with any other, keeps
	// what is reserved by calls that no turn stands for.
	Policy quota.Policy
	Quota  quota.Store

	// Ratios make better guesses of how long prompts are; nil: guesses stand. They
	// are the Caller's too, which teaches them.
	Ratios *provider.Ratios

	// Exclusive says that this process alone can open the database: what others
	// left running is dead, whatever its lease says.
	Exclusive bool

	// Checkpoint is how often the text of running turns goes to the store. Zero
	// means a second.
	Checkpoint time.Duration

	// Lease is how long a turn is ours without a checkpoint. Zero means 15 s.
	Lease time.Duration

	// Linger is how long a turn that has ended is answered from memory. Zero
	// means 30 s.
	Linger time.Duration

	// Poll is how often a turn that runs elsewhere is looked at. Zero means half
	// a second.
	Poll time.Duration

	// Now defaults to time.Now, Logger to slog.Default.
	Now    func() time.Time
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	or := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	or(&o.Checkpoint, time.Second)
	or(&o.Lease, 15*time.Second)
	or(&o.Linger, 30*time.Second)
	or(&o.Poll, 500*time.Millisecond)
	if o.Policy == nil {
		o.Policy = quota.Unmetered{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Service runs turns. Its methods are safe for concurrent use, between Start
// and Stop.
type Service struct {
	options Options
	owner   string // this process, in the leases

	// work ends when the grace of a Stop is over: what runs then is interrupted.
	work      context.Context
	interrupt context.CancelCauseFunc

	// storage is what the database is asked under by whoever must not stop with
	// their work. It ends a while after work.
	storage context.Context
	abandon context.CancelFunc

	turns   sync.WaitGroup // running turns
	chores  sync.WaitGroup // the checkpoint and reaper loops, titles
	stopped chan struct{}  // ends the loops

	counting chan struct{} // one for each prompt that is being counted

	mu       sync.Mutex
	live     map[Ref]*live
	running  int
	retiring bool
}

// New returns a Service that has not started.
func New(o Options) *Service {
	s := &Service{
		options: o.withDefaults(),
		owner:   conversation.NewID(),
		live:    map[Ref]*live{},
		stopped: make(chan struct{}),

		counting: make(chan struct{}, countsAtOnce),
	}
	s.work, s.interrupt = context.WithCancelCause(context.Background())
	s.storage, s.abandon = context.WithCancel(context.Background())
	return s
}

// Start begins the loops. Where no other process can be alive it takes over what
// died with an earlier one; elsewhere that is left to the loop, so that after the
// database was away those who live have time to say so. ctx limits the start
// only.
func (s *Service) Start(ctx context.Context) error {
	if s.options.Exclusive {
		if err := s.reap(ctx, true); err != nil {
			return err
		}
		if err := s.expire(ctx, true); err != nil {
			return err
		}
	}
	s.chores.Go(s.checkpointLoop)
	s.chores.Go(s.reapLoop)
	return nil
}

// Stop takes no new turns and waits for the running ones until ctx ends; those
// that still run then are stored as interrupted. It returns when everything is
// stored (or a few seconds after ctx has ended, where the database does not answer)
// and no goroutine is left. A second Stop is nothing.
func (s *Service) Stop(ctx context.Context) error {
	s.Retire()
	defer s.abandon()
	defer context.AfterFunc(s.work, func() { time.AfterFunc(farewell, s.abandon) })()
	left := make(chan struct{})
	go func() { s.turns.Wait(); close(left) }()
	select {
	case <-left:
	case <-ctx.Done():
		s.interrupt(errStopped)
		<-left
	}
	s.interrupt(errStopped) // titles, which nobody waits for
	s.mu.Lock()
	select {
	case <-s.stopped:
	default:
		close(s.stopped)
	}
	s.mu.Unlock()
	s.chores.Wait()
	return nil
}

// errStopped is the cause with which a stopping server ends its turns.
var errStopped = fault.New(fault.Interrupted, "The server was stopped while it was answering; what had arrived is kept.")

// Retire takes no new turns from now on; those that run go on.
func (s *Service) Retire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retiring = true
}

// Retiring reports whether no new turns are taken.
func (s *Service) Retiring() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.retiring
}

// Running is how many turns run in this process.
func (s *Service) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}
