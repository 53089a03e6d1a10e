// Package wire is the contract between client and server: the JSON shapes, the
// names of events, headers and paths, and the error codes.
//
// It is the only package that both halves share, and imports the standard
// library only. Both sides ignore fields, event names and part types that they
// do not know, so that either may be newer. Times are RFC 3339 in UTC; money is
// whole micro-dollars (…_microusd); ids are UUIDs in canonical lower-case form,
// made by whoever creates the thing.
package wire
