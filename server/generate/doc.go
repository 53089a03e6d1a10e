// Package generate makes one metered call of a model: it calls the provider,
// tries again before the first token where that can help, watches for silence,
// and says what the call used and cost. It knows no conversation: turns stand
// on it, and the compatible API is to.
//
// A call's ledger rows are returned and not written: who called writes them in
// the transaction that stores the outcome.
//
// generate imports the standard library, fault, shallow, identity, provider,
// usage and a uuid library only.
package generate
