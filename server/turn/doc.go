// Package turn runs a question and its answer.
//
// A turn belongs to the server, not to the request that began it: closing a
// connection does not end it, any client of its account may attach to it, and a
// client that comes back continues at the byte where it was. Its text lives in
// memory while it runs (Log), goes to the store in chunks about once a second,
// and is written as a message once, at the end. Its end is always one explicit
// terminal event.
//
// A turn is named by its answer: the turn's id is the answer's message id.
//
// turn stands on generate, which knows how to call a provider and what it cost,
// and on conversation; it imports those, provider, usage, identity, fault and
// the standard library. How a turn is stored is Store's promise, kept by store.
package turn
