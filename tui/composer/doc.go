// Package composer is the place where a person types: a text editor of several
// lines that grows to a limit, with a history of what was sent.
//
// It is its own editor because what is pasted may have ten thousand lines: what a
// key costs depends on what is visible, not on what is there. It draws no cursor:
// it says where the terminal's own belongs, which is what input methods need.
//
// It does no I/O. Of what it is given it changes line ends only; what cannot be
// drawn is drawn as something visible and sent as it is.
package composer
