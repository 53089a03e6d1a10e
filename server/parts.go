package server

import (
	"cmp"
	"context"
	"time"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
)

// openDatabase opens the database and brings it up to date.
func (s *Server) openDatabase(ctx context.Context) (err error) {
	s.db, err = store.Open(ctx, store.Options{Database: s.config.Database, Direct: s.config.DatabaseDirect,
		Existing: s.options.Existing, Warn: limitLetter(&s.config, s.options), Logger: s.log})
	if err == nil {
		s.ends = append(s.ends, s.db.Close)
	}
	return err
}

// openProviders finds out what answers come from.
func (s *Server) openProviders(ctx context.Context) (err error) {
	s.providers, err = openProviders(ctx, &s.config, s.db, s.options, s.log, s.config.ownMasterKey != "")
	if err == nil {
		s.atEnd(s.providers.close)
	}
	return err
}

// openLimits makes what bounds how much, and how fast, things are asked.
func (s *Server) openLimits(context.Context) (err error) {
	if s.plans, err = newPlans(&s.config, s.db, s.log); err != nil {
		return err
	}
	if s.rates, err = newRates(s.config.Redis, s.options.Turn.Now, s.log); err != nil {
		return err
	}
	s.atEnd(s.rates.close)
	s.policy = s.plans.policy(s.rates.pacer, s.options.Turn.Now)
	return nil
}

// openTurns ends what an earlier process left, and lets turns run.
func (s *Server) openTurns(ctx context.Context) error {
	s.revisions = newRevisions(s.db.Conversations(), s.db.Epoch(), s.lookEvery(), s.log)
	s.atEnd(s.revisions.close)
	s.turns = turn.New(s.turnOptions())
	if err := s.turns.Start(ctx); err != nil {
		return err
	}
	s.ends = append(s.ends, s.stopTurns)
	return nil
}

// stopTurns interrupts the turns that still run; where a grace has ended them it is
// nothing.
func (s *Server) stopTurns() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return s.turns.Stop(ctx)
}

func (s *Server) turnOptions() turn.Options {
	t := s.options.Turn
	t.Store, t.Conversations, t.Ledger = s.revisions.turns(s.db.Turns()), s.revisions.conversations, s.db.Ledger()
	t.Directory = s.providers.directory
	t.Policy, t.Quota = s.policy, s.db.Quota()
	g := s.options.Generate
	g.Logger = s.log
	g.Keys = s.providers.directory
	g.Patience = cmp.Or(g.Patience, s.config.Patience)
	t.Ratios = provider.NewRatios()
	g.Ratios = t.Ratios
	t.Caller = generate.New(g)
	t.Exclusive = s.db.Exclusive()
	t.Logger = s.log
	return t
}

// openSignIn makes what lets people and programs in.
func (s *Server) openSignIn(context.Context) (err error) {
	if s.pages, err = newPages(&s.config, s.db, s.options); err != nil {
		return err
	}
	s.grants = s.newGrants()
	s.atEnd(s.grants.Close)
	return nil
}

// openJobs puts together what is done later, where that is done here.
func (s *Server) openJobs(context.Context) (err error) {
	if !s.options.NoJobs {
		s.jobs, err = newJobs(&s.config, s.db, s.options)
	}
	return err
}

// openDoors makes the API, and the doors that stand beside it.
func (s *Server) openDoors(context.Context) error {
	s.api = httpapi.New(s.apiOptions())
	s.house = &house{api: s.api}
	s.addSignInDoors()
	return nil
}

func (s *Server) apiOptions() httpapi.Options {
	a := s.options.API
	identities(&a, &s.config, s.db, s.options)
	s.providers.giveTo(&a)
	a.Authenticator = s.grants
	a.Entrance = entrance{s.db.SignIn(), s.pages, "operator"}
	if a.TestMail = testMail(&s.config, s.options); s.jobs != nil {
		a.Jobs = s.jobs
	}
	a.Conversations, a.Ratings = s.revisions.conversations, ratingsTold{s.db.Conversations(), s.revisions}
	a.Usage, a.Hours = s.db.Usage(), s.db.Usage()
	a.Turns, a.Models, a.Changes = s.turns, s.providers.directory, s.revisions
	a.Limits, a.Choices, a.Plans, a.Counters = s.policy, s.policy, s.plans, s.db.Quota()
	a.Contact = s.config.PlansContact
	a.Often = s.rates.visitors()
	a.Ready, a.Retire = s.ready, s.retire
	a.Logger = s.log
	if a.Version == "" {
		a.Version = version.String()
	}
	a.MinClient = version.MinClient
	a.Older = func(x, y string) bool { return version.Compare(x, y) < 0 }
	return a
}

// followOthers begins to look for what other processes change.
func (s *Server) followOthers(context.Context) error {
	s.revoked = &revocations{sessions: s.db.Identities(), end: s.api.End, log: s.log}
	every := s.lookEvery()
	if every > 0 {
		s.revoked.follow(every)
	}
	s.atEnd(s.revoked.close)
	s.providers.keys.follow(every > 0)
	return nil
}

// lookEvery is how often other processes' changes are looked for.
func (s *Server) lookEvery() time.Duration {
	if s.db.Exclusive() {
		return 0
	}
	return 2 * time.Second
}
