package server

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/quota/redis"
	"github.com/aichat-term/aichat/server/visitor"
)

// rates are what counts how fast things are done: in memory, or together with
// other servers.
type rates struct {
	pacer quota.Pacer
	redis *redis.Redis // nil: none is set
}

// newRates links to the Redis of a URL, empty for none.
func newRates(url string, now func() time.Time, log *slog.Logger) (*rates, error) {
	alone := quota.NewPaces(now)
	if url == "" {
		return &rates{pacer: alone}, nil
	}
	r, err := redis.Open(redis.Options{URL: url, Now: now, Logger: log})
	if err != nil {
		return nil, err
	}
	return &rates{pacer: r.Pacer(uuid.NewString(), alone), redis: r}, nil
}

// visitors are the limits of whoever has not signed in yet.
func (r *rates) visitors() visitor.Limits {
	if r.redis == nil {
		return visitor.Alone(nil)
	}
	return r.redis.Limits(visitor.Alone(nil))
}

func (r *rates) close() {
	if r.redis != nil {
		r.redis.Close()
	}
}

func checkRedis(url string) error {
	if url == "" {
		return nil
	}
	if err := redis.CheckURL(url); err != nil {
		return fmt.Errorf("redis: the URL %w", err)
	}
	return nil
}
