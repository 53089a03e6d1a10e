// Package cost guesses what a prompt will take before it is sent: its tokens, and
// what they cost at a model's price. It knows no tokenizer, which would be larger
// than the program; what was really used the server tells afterwards. It keeps
// nothing, does no I/O, and imports only package wire of what is ours.
package cost
