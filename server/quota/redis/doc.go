// Package redis counts in Redis what several servers must count together: the
// rates of plans (quota.Pacer) and what strangers may do how often
// (visitor.Limiter). Each question is one script, so that it is one step for
// everybody, and by default the time is Redis's own: servers' clocks differ.
//
// What it keeps goes away by itself: buckets when they have run empty, and the
// streams of a server that died when their lease has run out. Nothing in it need
// survive; no key of it holds a secret or an address, of which it knows hashes.
//
// Redis is no condition for an answer. While it is away each server counts by
// itself, in memory, as one without Redis does: the limits hold for each of them
// and not for all together, which is said in the log once. Redis is asked again
// every two seconds, and nobody waits for that.
//
// The package imports quota and visitor, whose interfaces it implements, identity
// and rueidis. It is not in quota, which knows no network.
package redis
