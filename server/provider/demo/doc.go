// Package demo is the built-in model demo/demo: what a person meets before any
// provider's key is there.
//
// It is not an AI and says so. It answers every prompt with the same written
// page, which tells how to set a key and quotes the beginning of the prompt, at
// the pace of a model, so that streaming, Markdown and storage can be seen to
// work. It is deterministic, needs no network and costs nothing.
//
// demo imports the standard library, provider and fault. It is a package of its
// own, and not a special case above, because the server treats it as any other
// provider.
package demo
