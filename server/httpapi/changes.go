package httpapi

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
)

type syncIn struct {
	Epoch string `query:"epoch" doc:"The epoch that came with the revision; empty at first."`
	After int64  `query:"after" doc:"The revision that the page before gave as rev; 0 at first."`
	Limit int    `query:"limit" doc:"How many changes at most; clamped to 1 to 1000. Default 200."`
}

func (a *API) sync(ctx context.Context, who caller, in *syncIn) (wire.SyncPage, error) {
	if err := conversation.CheckText("epoch", in.Epoch); err != nil {
		return wire.SyncPage{}, err
	}
	if in.After < 0 {
		return wire.SyncPage{}, invalid("after", "after must be a revision: 0 or more.")
	}
	d, err := a.Conversations.Changes(ctx, who.Account, in.Epoch, in.After, pageSize(in.Limit, usualBranch, largestBranch))
	if err != nil {
		return wire.SyncPage{}, err
	}
	page := wire.SyncPage{
		Epoch: d.Epoch, Rev: d.Rev, More: d.More,
		Conversations: conversationsOut(d.Conversations),
		Messages:      make([]wire.Message, len(d.Messages)),
		Deleted:       make([]string, len(d.Deleted)),
	}
	for i := range d.Messages {
		page.Messages[i] = messageOut(&d.Messages[i])
	}
	if err := a.addRatings(ctx, who, d.Messages, page.Messages); err != nil {
		return wire.SyncPage{}, err
	}
	for i, id := range d.Deleted {
		page.Deleted[i] = string(id)
	}
	return page, nil
}

// events says that there is something to pull, until the client goes or the
// server does. A client that connects pulls once by itself: what was before is
// not told.
func (a *API) events(c *gin.Context) telling {
	w := &watching{api: a}
	w.revisions, w.stop = a.Changes.Watch(callerOf(c.Request.Context()).Account)
	return w
}

// watching tells a client of revisions.
type watching struct {
	api       *API
	revisions <-chan int64
	stop      func()
}

func (w *watching) first() []byte { return heartbeat } // so that the header goes, at once

func (w *watching) tell(ctx context.Context, s *stream) (whole bool) {
	silence := time.NewTimer(w.api.Heartbeat)
	defer silence.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return false
		case <-w.api.quit:
			return true
		case rev, ok := <-w.revisions:
			if !ok {
				return true
			}
			err = s.sendWith(func(out []byte) []byte {
				return appendEvent(out, wire.EventChanged, rev, wire.Changed{Rev: rev})
			})
		case <-silence.C:
			err = s.send(heartbeat)
		}
		if err != nil {
			return false
		}
		silence.Reset(w.api.Heartbeat)
	}
}

func (w *watching) close() { w.stop() }
