// Package providertest is the conformance suite of providers: it says when an
// adapter is done.
//
// A vendor describes itself in a Vendor: how it is called, how an answer and
// each documented error look on its wire, and the recordings of its documented
// payloads. Run drives an adapter through all of it, against a strict stub of
// the vendor, and through every fault that a connection can have. Faults is the
// same list of faults as data, for a test that drives them through a whole
// server.
//
// Each vendor's description lives in a folder beside its adapter
// (anthropic/anthropictest and so on), so that both the adapter's own test and
// the server's can use it.
//
// providertest imports the standard library, provider and fault; it speaks the
// event-stream format by hand, so that a mistake in client/wire/sse cannot hide.
package providertest
