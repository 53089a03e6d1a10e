// Package authtest is an authorization server for the tests of clients: it is
// strict, it lives in memory, and it has the faults that real ones and the ways
// to them have: polls counted by its own clock, connections that break, answers
// of proxies. It imports client/wire only; the real server is tested with a real
// one elsewhere.
package authtest
