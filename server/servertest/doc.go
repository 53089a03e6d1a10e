// Package servertest boots the real server for tests: the real store on a real
// database, the real door on loopback TCP and on a Unix socket. What is not real
// is the providers' addresses, which a test sets to its own.
//
// When a test is over, its log and its database are searched for a provider's key:
// those of tests are recognised by aftermath.Canary. The log is searched for prompts
// too: what a test has Confided.
//
// Any test may use it; it is not for the program.
package servertest
