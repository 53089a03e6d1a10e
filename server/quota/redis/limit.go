package redis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/aichat-term/aichat/server/visitor"
)

// Limits returns the visitor.Limits whose counts all servers share. alone makes
// those that count while Redis is away.
func (r *Redis) Limits(alone visitor.Limits) visitor.Limits {
	return func(name string, rate visitor.Rate) visitor.Limiter {
		return &limit{redis: r, alone: alone(name, rate), name: name, rate: rate}
	}
}

// limit is one thing that visitors do.
type limit struct {
	redis *Redis
	alone visitor.Limiter
	name  string
	rate  visitor.Rate
}

var _ visitor.Limiter = (*limit)(nil)

// Take implements visitor.Limiter.
func (l *limit) Take(key string) time.Duration {
	if wait, ok := l.ask("take", key); ok {
		return wait
	}
	return l.alone.Take(key)
}

// Wait implements visitor.Limiter.
func (l *limit) Wait(key string) time.Duration {
	if wait, ok := l.ask("wait", key); ok {
		return wait
	}
	return l.alone.Wait(key)
}

// Count implements visitor.Limiter.
func (l *limit) Count(key string) {
	if _, ok := l.ask("count", key); !ok {
		l.alone.Count(key)
	}
}

func (l *limit) ask(verb, key string) (time.Duration, bool) {
	said, ok := l.redis.ask(context.Background(), countScript, []string{l.key(key)},
		numbers(l.redis.now(), int64(l.rate.Burst), l.rate.Every.Microseconds()).and(verb))
	if !ok || len(said) != 1 {
		return 0, false
	}
	return time.Duration(said[0]) * time.Microsecond, true
}

// key names a visitor by a hash: it may be an address, a mailbox or a code. The
// rate is in the name, so that what was counted at another one is not mistaken.
func (l *limit) key(key string) string {
	sum := sha256.Sum256([]byte(key))
	return l.redis.o.Prefix + "visitor:" + l.name + ":" + strconv.Itoa(l.rate.Burst) + ":" + l.rate.Every.String() + ":" + hex.EncodeToString(sum[:16])
}
