// Package upstreamtest is the proof that the adapters owe to upstream: that what
// they read by hand is what encoding/json reads. It is for tests only, and beside
// providertest because it looks into an adapter, where that one looks at it from
// outside. It imports upstream, its jsonscan and the standard library.
package upstreamtest
