package turn

import (
	"context"
	"io"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
)

// storedFeed follows a turn through the store: one that runs in another
// process, or ended some time ago.
type storedFeed struct {
	service *Service
	status  Status
	ref     Ref

	position int64
	ended    bool
	last     *End // told after the text that led to it
}

var _ Feed = (*storedFeed)(nil)

func (f *storedFeed) Status() Status { return f.status }
func (f *storedFeed) Close()         {}

func (f *storedFeed) Next(ctx context.Context, idle time.Duration) (Update, error) {
	deadline := f.service.options.Now().Add(idle)
	for {
		u, ok, err := f.look(ctx)
		if ok || err != nil {
			return u, err
		}
		left := deadline.Sub(f.service.options.Now())
		if left <= 0 {
			return Update{Idle: true, Position: f.position}, nil
		}
		if err := wait(ctx, min(left, f.service.options.Poll)); err != nil {
			return Update{}, err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *storedFeed) look(ctx context.Context) (Update, bool, error) {
	switch {
	case f.ended:
		return Update{}, false, io.EOF
	case f.last != nil:
		f.ended = true
		return Update{End: f.last, Position: f.position}, true, nil
	}
	// The chunks go when the turn ends, so they are read before the state: what
	// is missed here is found in the message.
	text, runs, err := f.service.options.Store.Chunks(ctx, f.ref, f.position)
	if err != nil {
		return Update{}, false, err
	}
	if len(text) > 0 {
		f.position += int64(len(text))
		return Update{Text: text, Runs: runs, Position: f.position}, true, nil
	}
	rec, err := f.service.options.Store.Get(ctx, f.ref)
	if err != nil || rec.State == Running {
		return Update{}, false, err
	}
	return f.finale(ctx, rec)
}

// finale tells what of the stored answer has not been told, and keeps the end
// for the next look.
func (f *storedFeed) finale(ctx context.Context, rec Record) (Update, bool, error) {
	answer, err := f.service.options.Conversations.Message(ctx, f.ref.Account, f.ref.ID)
	if fault.Is(err, fault.NotFound) {
		// Its conversation was deleted: the end is told all the same, or clients
		// would come back for it for ever.
		f.ended = true
		return Update{End: &End{Answer: unseen(rec)}, Position: f.position}, true, nil
	}
	if err != nil {
		return Update{}, false, err
	}
	f.last = &End{Answer: answer, Title: f.service.title(ctx, f.ref, answer.Conversation)}
	l := LogOf(answer.Parts)
	u := Update{Position: l.Len()}
	switch {
	case f.position == l.Len():
		return f.look(ctx)
	case f.position > l.Len():
		u.Snapshot = true
		u.Text, u.Runs = l.Since(0, nil)
	default:
		u.Text, u.Runs = l.Since(f.position, nil)
	}
	f.position = l.Len()
	return u, true, nil
}

// unseen is what is known of an answer that is hidden.
func unseen(rec Record) conversation.Message {
	return conversation.Message{Account: rec.Account, Conversation: rec.Conversation, ID: rec.ID, Parent: rec.Question,
		Role: conversation.Assistant, State: conversation.State(rec.State), Model: rec.Model, CreatedAt: rec.StartedAt}
}

// title is the conversation's title, or none if it cannot be had: the end of a
// turn does not fail for want of a title.
func (s *Service) title(ctx context.Context, ref Ref, id conversation.ID) string {
	c, err := s.options.Conversations.Get(ctx, ref.Account, id)
	if err != nil {
		return ""
	}
	return c.Title
}
