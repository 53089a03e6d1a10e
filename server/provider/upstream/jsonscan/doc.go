// Package jsonscan reads one JSON value (RFC 8259) member by member, for those
// few events of which a vendor sends thousands: it knows no types, uses no
// reflection and allocates nothing but the strings that are kept.
//
// It takes and refuses what encoding/json does, and reads strings as that does:
// invalid UTF-8 and lone surrogates become U+FFFD, nesting ends at ten thousand.
// It differs in one thing: keys are compared by whoever asks for them, so they
// match exactly, where encoding/json disregards case.
//
// A Scanner says only that a value is not what was asked for, never why. Whoever
// wants to know decodes the same bytes with encoding/json, as upstream does; it
// stands below that package so that the adapters can be given a Scanner. It
// imports the standard library only.
package jsonscan
