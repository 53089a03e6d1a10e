// Package vault keeps provider keys.
//
// A Key is what there is to say of a key: whose it is, which provider it opens,
// where it is sent, how it fares. The key itself is a Secret, which cannot be
// printed, logged or marshalled by accident; at rest it is sealed (vault/seal),
// and bound to what stands in its Key: moved to another row, or pointed to
// another address, it does not open. Ring finds the keys that a caller may use,
// from memory, and opens them.
//
// Which of several keys a call takes, and which rest, is not decided here but by
// whoever calls providers.
//
// vault imports the standard library, fault and identity only. It is no part of
// provider, which uses it: a key at rest knows nothing of dialects and streams.
package vault
