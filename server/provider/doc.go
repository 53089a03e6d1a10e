// Package provider is the one shape in which the server speaks to models.
//
// A Provider turns a Request into a Stream of Events; each vendor's folder
// below this one does that for its API, by hand-written parsing on the shared
// sse reader, and proves it with providertest. Events lose nothing: reasoning,
// tool calls and the vendor's opaque bytes come through, so that what stands
// above (generate, turn, the compatible API to come) needs no vendor's type.
//
// The catalogue of models and prices lives here too.
//
// provider imports the standard library, fault, identity and vault only.
package provider
