package redis

import "context"

// Renew says of all that runs that it does, as the link does by itself.
func (r *Redis) Renew(ctx context.Context) { r.renew(ctx) }

// Reach asks whether Redis is back, as the link does by itself.
func (r *Redis) Reach(ctx context.Context) { r.reach(ctx) }

// Away reports whether Redis is taken to be away.
func (r *Redis) Away() bool { return r.away.Load() }
