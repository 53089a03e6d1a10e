package server

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/aichat-term/aichat/server/job"
)

// auditKept is how long security events are kept.
const auditKept = 366 * 24 * time.Hour

// startJobs begins to send letters and to sweep up. A local server has neither:
// it writes to nobody, and nobody signs in.
func (s *Server) startJobs(ctx context.Context, o Options) error {
	sender, err := o.Sender, error(nil)
	if sender == nil {
		sender, err = s.config.Mail.Sender(o.Logger)
	}
	if err != nil {
		return err
	}
	j := o.Jobs
	j.NewClient = func(c *river.Config) (job.Client, error) { return s.db.Jobs().Client(c) }
	j.Forget = s.db.Jobs().Forget
	j.Origin = s.db.Epoch()
	j.Sender = sender
	j.Sweeps = []job.Sweep{
		{What: "what was over of sign-ins and sessions", Remove: s.db.SignIn().Prune},
		{What: "security events", Keep: auditKept, Remove: s.db.Identities().PruneEvents},
	}
	j.Logger = o.Logger
	if s.jobs, err = job.New(j); err != nil {
		return err
	}
	return s.jobs.Start(ctx)
}

// stopJobs lets the jobs that run end within the grace. Those that do not run
// again later.
func (s *Server) stopJobs(ctx context.Context) {
	if s.jobs == nil {
		return
	}
	if err := s.jobs.Stop(ctx); err != nil {
		s.log.Warn("jobs were cut short, and will run again", "error", err)
	}
}
