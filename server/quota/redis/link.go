package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// Options say which Redis, and how it is used. URL must be set.
type Options struct {
	// URL is redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss:// over TLS, or
	// unix:///PATH. A cluster needs one of its nodes.
	URL string

	// Prefix begins the name of each key; empty: "aichat:".
	Prefix string

	// Timeout is how long one question may take before Redis is taken to be away;
	// zero: a second.
	Timeout time.Duration

	// Lease is for how long a stream is counted after its server was heard of
	// last; zero: 30 seconds.
	Lease time.Duration

	// Now is the time by which is counted; nil: Redis's own, which is what all
	// servers have in common. Keys go away by Redis's clock in any case.
	Now func() time.Time

	Logger *slog.Logger // nil: discard
}

func (o Options) complete() Options {
	o.Prefix = cmp.Or(o.Prefix, "aichat:")
	o.Timeout = cmp.Or(o.Timeout, time.Second)
	o.Lease = cmp.Or(o.Lease, 30*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// CheckURL reports what is wrong with an address, without repeating it: it may
// hold a password.
func CheckURL(url string) error {
	if _, err := rueidis.ParseURL(url); err != nil {
		return errors.New("is no address such as redis://localhost:6379/0, rediss://USER:PASSWORD@HOST:PORT or unix:///run/redis.sock")
	}
	return nil
}

// Redis is a link to one. It is safe for concurrent use. Close ends it.
type Redis struct {
	o Options

	client atomic.Pointer[rueidis.Client] // nil: it was never reached yet
	away   atomic.Bool

	mu     sync.Mutex
	pacers []*Pacer

	stop context.CancelFunc
	done chan struct{}
}

// askAgain is how often Redis is asked whether it is back.
const askAgain = 2 * time.Second

// Open links to a Redis. That it does not answer is no error, but for one in the
// URL: then each server counts by itself until it does.
func Open(o Options) (*Redis, error) {
	if err := CheckURL(o.URL); err != nil {
		return nil, fmt.Errorf("the Redis's URL %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Redis{o: o.complete(), stop: stop, done: make(chan struct{})}
	r.reach(ctx)
	go r.attend(ctx)
	return r, nil
}

// Close ends the link. What is counted stays until it has run out.
func (r *Redis) Close() {
	r.stop()
	<-r.done
	if c := r.client.Load(); c != nil {
		(*c).Close()
	}
}

// attend renews leases, and looks whether a Redis that was away is back.
func (r *Redis) attend(ctx context.Context) {
	defer close(r.done)
	renew := time.NewTicker(r.o.Lease / 3)
	defer renew.Stop()
	look := time.NewTicker(askAgain)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			r.renew(ctx)
		case <-look.C:
			if r.away.Load() {
				r.reach(ctx)
			}
		}
	}
}

// reach connects, or asks whether the connection is good again.
func (r *Redis) reach(ctx context.Context) {
	c := r.client.Load()
	if c == nil {
		made, err := r.dial()
		if err != nil {
			r.lost(err)
			return
		}
		c = &made
		r.client.Store(c)
	}
	// By counting something: one that answers but may not be written to is as good
	// as away.
	if _, err := r.run(ctx, *c, countScript, []string{r.o.Prefix + "probe"}, numbers(r.now(), 1, 1).and("count")); err != nil {
		if ctx.Err() == nil {
			r.lost(err)
		}
		return
	}
	if r.away.CompareAndSwap(true, false) {
		r.o.Logger.Info("Redis answers: rates are counted together with the other servers")
	}
}

// dial makes the client. It keeps no cache of Redis's keys: each question
// changes some.
func (r *Redis) dial() (rueidis.Client, error) {
	o, err := rueidis.ParseURL(r.o.URL)
	if err != nil {
		return nil, err
	}
	o.ClientName = "aichat-server"
	o.DisableCache = true
	o.DisableRetry = true // who retries may count twice
	o.Dialer.Timeout = r.o.Timeout
	o.ConnWriteTimeout = r.o.Timeout
	return rueidis.NewClient(o)
}

// lost notes that Redis does not answer, and says so once.
func (r *Redis) lost(err error) {
	if r.away.CompareAndSwap(false, true) {
		r.o.Logger.Warn("Redis does not answer: until it does each server counts rates by itself", "error", err)
	}
}

// ask runs a script; false: Redis is away. The question is asked to its end even
// if ctx has ended, so that it is known whether it was counted.
func (r *Redis) ask(ctx context.Context, script *rueidis.Lua, keys, args []string) ([]int64, bool) {
	c := r.client.Load()
	if c == nil || r.away.Load() {
		return nil, false
	}
	said, err := r.run(context.WithoutCancel(ctx), *c, script, keys, args)
	if err != nil {
		r.lost(err)
		return nil, false
	}
	return said, true
}

func (r *Redis) run(ctx context.Context, c rueidis.Client, script *rueidis.Lua, keys, args []string) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	return script.Exec(ctx, c, keys, args).AsIntSlice()
}

// now is the time in microseconds, 0: Redis is to take its own.
func (r *Redis) now() int64 {
	if r.o.Now == nil {
		return 0
	}
	return r.o.Now().UnixMicro()
}
