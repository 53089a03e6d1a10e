// Package chat is the transcript: the messages of one branch of a conversation,
// the answer that is being written, and the window on them.
//
// Only what is visible is ever laid out. A message is a row of blocks, each with
// the lines it was last drawn as; the window is a place (message, block, line) and
// walks from there. So a conversation of thousands of messages, an answer of
// hundreds of kilobytes and a change of width cost what one screen costs.
//
// It keeps state and draws. It does no I/O and knows no Backend; the root asks it
// what it needs (Older) and tells it what came.
package chat
