package server

import (
	"cmp"
	"context"
	"time"

	"github.com/aichat-term/aichat/server/store"
)

// look is how often what the server stands on is looked for.
func (o Options) look() time.Duration { return cmp.Or(o.Look, 2*time.Second) }

// watchDatabase tells when the database's file is moved or removed and when it is
// back, until ctx ends. gone is called each time that it is not there.
func (s *Server) watchDatabase(ctx context.Context, gone func()) {
	ticker := time.NewTicker(s.options.look())
	defer ticker.Stop()
	log := s.log.With("database", store.Place(s.config.Database))
	for was := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		is := s.db.Moved()
		switch {
		case is && !was:
			log.Error("the database's file was moved, removed or replaced: nothing is stored any more; " +
				"put it back in its place, or stop the server, put a backup there without any -wal and -shm beside it, and start it again")
			gone()
		case was && !is:
			log.Info("the database's file is back")
		}
		was = is
	}
}
