// Package statusbar draws the line at the bottom: what is asked, what it cost, and
// how things stand with the server. It is a pure function of its State.
package statusbar
