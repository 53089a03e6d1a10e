// Command tui measures the terminal interface as a person meets it: `aichat` in
// a pseudo-terminal of 120 by 40 cells, against a local server and a stub
// provider, in a home of its own.
//
// It prints how long after its start the program takes keys, what it costs while
// nothing happens, how long after a key press the character is on the screen
// (idle, and while an answer streams in), how long after the provider sent a
// delta its text is on the screen, what is written to the terminal meanwhile,
// and how long it takes to end.
//
// "On the screen" means that the bytes which draw it have left the program. So
// that a character can be told from all others, each key typed and each mark in
// the answer is a letter that stands nowhere else.
package main
