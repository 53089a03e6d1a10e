// Package upstream is the little that all vendors' adapters share about
// calling an API over HTTP: one JSON request, its refusal as a fault, its event
// stream as events.
//
// It decides what no vendor should decide for itself: nothing is retried, no
// redirect is followed, error bodies are bounded, a vendor's words reach a user
// only scrubbed, and a broken stream is told apart from a cancelled one. What an
// error body means is the adapter's to say, by an Explain function. Where an
// address is not the operator's word, it looks at what is dialled: see NewGuarded.
//
// It stands below the adapters and beside none of them, so that no adapter
// imports another. It imports the provider and vault nouns, fault, client/wire/sse,
// its own jsonscan and the standard library. (Go reserves the folder name vendor.)
package upstream
