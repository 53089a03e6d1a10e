// Package terminal makes text from elsewhere safe to draw, and measures it.
//
// Whatever a model, a title or a file name says passes through Clean or Line
// before it is styled, and what a renderer of Markdown returns passes through
// Seal: nothing but colours and plain web links reaches the terminal with a live
// escape. It is pure and imports nothing of aichat, so that the one-shot command
// uses the same rules as the full-screen program.
package terminal
