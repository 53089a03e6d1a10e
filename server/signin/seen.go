package signin

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// seenEvery is how exactly it is known when a session was seen last.
const seenEvery = time.Minute

const (
	// sightingsAtOnce is how many sightings are written at a time.
	sightingsAtOnce = 8

	// sightingPatience is how long one may take.
	sightingPatience = 10 * time.Second

	// sightingsKept is how many are remembered.
	sightingsKept = 1 << 13
)

// sightings writes down where and when sessions are seen, while their requests
// go on: once a minute, in the background, and not at all while the store is
// slow. What is left out is made good by a later request.
type sightings struct {
	log *slog.Logger

	mu     sync.Mutex
	noted  map[string]time.Time // by session or token: when it was noted last by this process
	free   int                  // how many more may be written at this time
	closed bool
	group  sync.WaitGroup
}

func newSightings(log *slog.Logger) *sightings {
	return &sightings{log: log, noted: map[string]time.Time{}, free: sightingsAtOnce}
}

// note writes a sighting at now, unless the last one in the store or of this
// process is too fresh. It does not wait.
func (s *sightings) note(ctx context.Context, id string, last, now time.Time, write func(context.Context) error) {
	if now.Sub(last) < seenEvery || !s.begin(id, now) {
		return
	}
	// The request may end before it, and must not take it along.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sightingPatience)
	go func() {
		defer s.end()
		defer cancel()
		if err := write(ctx); err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "sighting not noted", slog.String("session", id), slog.Any("error", err))
		}
	}()
}

// begin reports whether the sighting is to be written. Requests that come at
// once have all read the same last sighting: only the first is.
func (s *sightings) begin(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, known := s.noted[id]; s.closed || s.free == 0 || known && now.Sub(at) < seenEvery {
		return false
	}
	if len(s.noted) >= sightingsKept {
		clear(s.noted) // the store remembers
	}
	s.noted[id] = now
	s.free--
	s.group.Add(1)
	return true
}

func (s *sightings) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	s.group.Done()
}

// close writes no more, and waits for what is on its way.
func (s *sightings) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.group.Wait()
}
