// Package fault is the one vocabulary of failure on the server.
//
// Every error that crosses a package boundary on purpose is a *fault.Error: a
// Kind that programs act on, a public sentence that people act on, and a cause
// for the log only. A door translates a fault once: httpapi has the only table
// from Kind to HTTP status and wire code.
//
// fault is the leaf of the server: it imports the standard library and nothing
// else, so that every noun, verb and edge can speak it.
package fault
