package server

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/riverqueue/river"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/store"
)

// auditKept is how long security events are kept.
const auditKept = 366 * 24 * time.Hour

// newJobs puts together what is done later: letters, sweeping and rolling up. It is
// worked when it is started; an operator may look at it before.
func newJobs(c *Config, db *store.DB, o Options) (*job.Runner, error) {
	sender, err := o.sender(c)
	if err != nil {
		return nil, err
	}
	j := o.Jobs
	j.NewClient = func(c *river.Config) (job.Client, error) { return db.Jobs().Client(c) }
	j.Forget, j.Reclaim = db.Jobs().Forget, db.Jobs().Reclaim
	j.Origin = db.Epoch()
	j.Sender = sender
	j.Sweeps = []job.Sweep{
		{What: "what was over of sign-ins and sessions", Remove: db.SignIn().Prune},
		{What: "security events", Keep: auditKept, Remove: db.Identities().PruneEvents},
	}
	j.RollUp = db.Usage().RollUp
	j.Logger = o.logger()
	return job.New(j)
}

// sender is what letters are handed to.
func (o Options) sender(c *Config) (mail.Sender, error) {
	if o.Sender != nil {
		return o.Sender, nil
	}
	return c.Mail.Sender(o.logger())
}

// rollUpMeanwhile does at once what jobs do every so often, where none are worked:
// a local server's ledger is rolled up when it starts. stop cuts it short.
func (s *Server) rollUpMeanwhile(ctx context.Context) (stop func()) {
	if s.jobs != nil || !s.db.Exclusive() {
		return func() {}
	}
	rolling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var rolled sync.WaitGroup
	rolled.Go(func() { s.rollUp(rolling) })
	return func() {
		cancel()
		rolled.Wait()
	}
}

func (s *Server) rollUp(ctx context.Context) {
	if n, err := job.Drain(ctx, s.db.Usage().RollUp); err != nil && ctx.Err() == nil {
		s.log.Warn("the ledger was not rolled up", "error", err)
	} else if n > 0 {
		s.log.Info("ledger rolled up", "rows", n)
	}
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

// testMail sends a letter past the queue, for an operator who waits and who is
// told also what the other side said.
func testMail(c *Config, o Options) func(ctx context.Context, to string) (through string, err error) {
	return func(ctx context.Context, to string) (string, error) {
		if !o.sends(c) {
			return "", fault.New(fault.Unavailable, "No mail is configured: set mail.from and mail.smtp, or mail.resend_key.")
		}
		sender, err := o.sender(c)
		if err != nil {
			return "", err
		}
		m, err := mail.Trial{To: to, Server: cmp.Or(c.PublicURL(), "aichat-server"), At: time.Now()}.Letter().Render()
		if err != nil {
			return "", err
		}
		m.ID = "trial-" + conversation.NewID()
		return c.Mail.Through(), told(sender.Send(ctx, m))
	}
}

// told makes a fault's cause public, on one line.
func told(err error) error {
	f := fault.Of(err)
	if f == nil {
		return nil
	}
	if f.Cause == nil {
		return f
	}
	words := strings.FieldsFunc(f.Cause.Error(), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	return &fault.Error{Kind: f.Kind, Message: fmt.Sprintf("%s (%.500s)", f.Public(), strings.Join(words, " ")), Cause: f.Cause}
}
