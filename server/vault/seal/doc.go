// Package seal seals provider keys with the operator's master keys.
//
// A key is sealed by XChaCha20-Poly1305, as Tink does it: a random nonce of 24
// bytes, so that sealing twice differs and the number of keys has no bound, and
// before it the id of the master key. What the key is for (vault.Key's
// AssociatedData) is bound to it.
//
// Master keys are lines of text, made by NewMaster: the last one seals, all of
// them open. They come from a file, from a setting or from a command (Source), and
// are read again when that is asked for, so that a new one is added while the
// server runs.
//
// seal imports the standard library, fault, vault and Tink. It is apart from vault
// because that is a noun, and knows no library.
package seal
