// Package sidebar is the list of conversations: newest first, filtered by typing,
// with the messages that a search found below.
//
// It keeps state, draws, and asks (Open, Rename, Delete, Search and the others) by
// the value that Key returns. It does no I/O and knows no Backend.
package sidebar
