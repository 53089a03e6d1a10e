package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
)

// mailWorker sends letters. That a letter is sent once cannot be promised: SMTP
// has no way to ask whether a message has been taken. So this is done instead:
//
//   - when it is taken, the letter's content is removed at once, which also says
//     that it was sent: a process that dies any time after that sends nothing
//     again;
//   - one that dies between the server's answer and that removal, some
//     milliseconds, sends the letter twice, with the same Message-ID; Resend drops
//     the second one by its idempotency key.
type mailWorker struct {
	river.WorkerDefaults[mail.Letter]
	sender mail.Sender
	forget func(context.Context, int64) error
	origin string
	log    *slog.Logger
	now    func() time.Time
}

func newMailWorker(o Options) *mailWorker {
	return &mailWorker{sender: o.Sender, forget: o.Forget, origin: o.Origin, log: o.Logger, now: o.Now}
}

// errExpired is the last word on a letter that could not be sent in time.
var errExpired = errors.New("it was not worth sending any more")

// Work implements river.Worker.
func (w *mailWorker) Work(ctx context.Context, job *river.Job[mail.Letter]) error {
	letter := job.Args
	switch {
	case letter.Name == "":
		return nil // sent before, and its process died before it could say so
	case !letter.Expires.IsZero() && !w.now().Before(letter.Expires):
		w.empty(ctx, job)
		return river.JobCancel(errExpired)
	}
	m, err := letter.Render()
	if err != nil {
		return err
	}
	m.ID = w.messageID(job)
	if err := w.sender.Send(ctx, m); err != nil {
		return w.refused(ctx, job, err)
	}
	w.empty(ctx, job)
	w.log.InfoContext(ctx, "letter sent", "letter", letter.Name, "job_id", job.ID, "attempt", job.Attempt)
	return nil
}

// refused gives up what will never be taken, so that it is not tried for days.
func (w *mailWorker) refused(ctx context.Context, job *river.Job[mail.Letter], err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	w.log.WarnContext(ctx, "letter refused for good", "letter", job.Args.Name, "job_id", job.ID, "error", err)
	return river.JobCancel(err)
}

// messageID is the letter's, at each try. What is in the letter is no part of it:
// ids are logged everywhere, and a code of six digits is soon guessed from a hash.
func (w *mailWorker) messageID(job *river.Job[mail.Letter]) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", w.origin, job.ID, job.CreatedAt.UnixMicro()))
	return "letter-" + hex.EncodeToString(sum[:16])
}

// empty removes the letter's content from the queue. It must not fail for want of
// time: so it has a moment of its own, also while the server stops. Where it
// fails all the same the letter is not sent again for it, and goes with the job.
func (w *mailWorker) empty(ctx context.Context, job *river.Job[mail.Letter]) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := w.forget(ctx, job.ID); err != nil {
		w.log.ErrorContext(ctx, "a letter's content stays in the queue for a day", "job_id", job.ID, "error", err)
	}
}
