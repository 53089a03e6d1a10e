// Package vault keeps provider keys.
//
// What is here so far is Secret, the type in which a key travels through the
// program: it cannot be printed, logged or marshalled by accident. Keys come
// from the operator's configuration, or from the local owner's terminal with
// each request; keys at rest, sealed, are to live here too.
//
// vault imports the standard library and fault only.
package vault
