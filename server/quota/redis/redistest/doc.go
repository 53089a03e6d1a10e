// Package redistest lends tests a real Redis.
//
// The variable AICHAT_TEST_REDIS holds the URL of a server to use. Without it
// the package starts one from the installed binary, on a Unix socket in a
// temporary folder, for as long as the test process lives. A test that can have
// neither fails and says what to install: it is never skipped. Tests share the
// server, each under a prefix of its own.
//
// It is for tests only, and knows no client of Redis.
package redistest
