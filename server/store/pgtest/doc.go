// Package pgtest lends tests a real Postgres: a database of their own for each.
//
// The variable AICHAT_TEST_POSTGRES holds the URL of a server on which databases
// may be created. Without it the package starts a server of its own from the
// installed binaries, on a Unix socket in a temporary folder, for as long as the
// test process lives. A test that can have neither fails and says what to
// install: it is never skipped.
//
// It is for tests only; it imports store for the schema.
package pgtest
