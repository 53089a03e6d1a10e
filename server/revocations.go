package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// revocations hears which sessions and tokens other processes have ended, where
// others may use the database too. In this process whoever ends one says so.
type revocations struct {
	sessions identity.Sessions
	end      func(ids ...string)
	log      *slog.Logger

	stop context.CancelFunc
	done sync.WaitGroup
}

// before is from when on revocations are looked at first: the database's clock
// may be behind, and to hear twice of one is nothing.
const before = 10 * time.Minute

// follow looks every so often until it is closed.
func (r *revocations) follow(every time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	r.done.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for since := time.Now().Add(-before); ; {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			since = r.look(ctx, since)
		}
	})
}

// look ends what was ended since, and returns from where to look next.
func (r *revocations) look(ctx context.Context, since time.Time) time.Time {
	ids, newest, err := r.sessions.RevokedSince(ctx, since)
	if err != nil {
		if ctx.Err() == nil {
			r.log.LogAttrs(ctx, slog.LevelWarn, "revocations cannot be read", slog.Any("error", err))
		}
		return since
	}
	r.end(ids...)
	return newest
}

func (r *revocations) close() {
	if r.stop != nil {
		r.stop()
	}
	r.done.Wait()
}
