package workspace

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// pageSize is how many messages are fetched at a time: a few screens.
const pageSize = 60

// listSize is how many conversations are.
const listSize = 100

// Workspace implements tui.Backend. It is safe for concurrent use.
type Workspace struct{ client *client.Client }

var _ tui.Backend = (*Workspace)(nil)

// New is a workspace over a client.
func New(c *client.Client) *Workspace { return &Workspace{client: c} }

// Conversations implements tui.Library.
func (w *Workspace) Conversations(ctx context.Context, cursor string) (wire.ConversationPage, error) {
	page, err := w.client.Conversations(ctx, client.ListQuery{Limit: listSize, Cursor: cursor})
	return page, failure(err)
}

// Conversation implements tui.Library.
func (w *Workspace) Conversation(ctx context.Context, id string) (wire.Conversation, error) {
	c, err := w.client.ConversationByPrefix(ctx, id)
	return c, failure(err)
}

// Messages implements tui.Library.
func (w *Workspace) Messages(ctx context.Context, conversation, before string) (wire.MessagePage, error) {
	page, err := w.client.Messages(ctx, conversation, client.MessagesQuery{Before: before, Limit: pageSize})
	return page, failure(err)
}

// Search implements tui.Library.
func (w *Workspace) Search(ctx context.Context, query string) (wire.SearchPage, error) {
	page, err := w.client.Search(ctx, client.SearchQuery{Text: query})
	return page, failure(err)
}

// Change implements tui.Library.
func (w *Workspace) Change(ctx context.Context, id string, change wire.ConversationChange) (wire.Conversation, error) {
	c, err := w.client.ChangeConversation(ctx, id, change)
	return c, failure(err)
}

// Delete implements tui.Library.
func (w *Workspace) Delete(ctx context.Context, id string) error {
	return failure(w.client.DeleteConversation(ctx, id))
}

// Restore implements tui.Library.
func (w *Workspace) Restore(ctx context.Context, id string) (wire.Conversation, error) {
	c, err := w.client.RestoreConversation(ctx, id)
	return c, failure(err)
}

// Watch implements tui.Library.
func (w *Workspace) Watch(ctx context.Context, told func(tui.Change)) error {
	for {
		for rev, err := range w.client.Events(ctx) {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				told(tui.Change{Lost: failure(err)})
			default:
				told(tui.Change{Rev: rev})
			}
		}
		if err := rest(ctx, afterRefusal); err != nil {
			return err
		}
	}
}

// afterRefusal is how long to wait after a refusal that trying again does not
// cure by itself: a person may sign in, or a proxy's page may go away.
const afterRefusal = 20 * time.Second

// rest waits, or until ctx ends: then it returns why.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Models implements tui.Turns.
func (w *Workspace) Models(ctx context.Context) (wire.ModelList, error) {
	list, err := w.client.Models(ctx)
	return list, failure(err)
}

// Ask implements tui.Turns.
func (w *Workspace) Ask(ctx context.Context, conversation string, turn wire.NewTurn) (tui.Stream, error) {
	s, err := w.client.StartTurn(ctx, conversation, turn)
	if err != nil {
		return nil, failure(err)
	}
	return stream{s}, nil
}

// Attach implements tui.Turns.
func (w *Workspace) Attach(ctx context.Context, turn string) (tui.Stream, error) {
	s, err := w.client.Attach(ctx, turn, "")
	if err != nil {
		return nil, failure(err)
	}
	return stream{s}, nil
}

// Cancel implements tui.Turns.
func (w *Workspace) Cancel(ctx context.Context, turn string) error {
	return failure(w.client.CancelTurn(ctx, turn))
}

// Limits implements tui.Accounts.
func (w *Workspace) Limits(ctx context.Context) (wire.Limits, error) {
	l, err := w.client.Limits(ctx)
	return l, failure(err)
}

// Usage implements tui.Accounts.
func (w *Workspace) Usage(ctx context.Context, by, zone string) (wire.UsageSummary, error) {
	s, err := w.client.Usage(ctx, client.UsageQuery{By: by, TimeZone: zone})
	return s, failure(err)
}

// Advice implements tui.Accounts.
func (w *Workspace) Advice(ctx context.Context, zone string) (wire.AdviceReport, error) {
	r, err := w.client.UsageAdvice(ctx, client.UsageQuery{TimeZone: zone})
	return r, failure(err)
}

// Rate implements tui.Accounts.
func (w *Workspace) Rate(ctx context.Context, message string, r wire.NewRating) (wire.Rating, error) {
	rated, err := w.client.Rate(ctx, message, r)
	return rated, failure(err)
}

// Unrate implements tui.Accounts.
func (w *Workspace) Unrate(ctx context.Context, message string) error {
	return failure(w.client.Unrate(ctx, message))
}

// About implements tui.Turns.
func (w *Workspace) About(ctx context.Context) (tui.Server, error) {
	s, err := w.client.Server(ctx)
	if err != nil {
		return tui.Server{}, failure(err)
	}
	return tui.Server{Name: w.name(s), Local: s.Local, Version: s.Version}, nil
}

// name is how a person calls a server.
func (w *Workspace) name(s wire.Server) string {
	if s.Local {
		return "local"
	}
	if u, err := url.Parse(w.client.BaseURL()); err == nil {
		return u.Host
	}
	return w.client.BaseURL()
}

// failure is an error in the interface's words; a context's own stays as it is.
func failure(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	f := &tui.Failure{Text: err.Error(), Err: err}
	if refusal, ok := errors.AsType[*client.Error](err); ok {
		f.Code, f.Subject, f.Text = refusal.Code, refusal.Subject, refusal.Error()
		f.After = time.Duration(refusal.RetryAfter) * time.Second
	}
	if _, out := errors.AsType[*client.SignInError](err); out {
		f.Code = wire.Unauthenticated
	}
	return f
}
