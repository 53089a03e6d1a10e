// Package conversation holds what is worth keeping: conversations, their
// messages as a tree, and the revisions by which other machines learn of
// changes.
//
// A message has a parent; a conversation points at its current leaf. Editing a
// question or regenerating an answer adds a sibling and moves the leaf: nothing
// is overwritten. The branch shown is the path from the leaf to the root.
//
// conversation imports the standard library, fault, identity, a uuid library and
// one that knows Unicode's words.
package conversation
