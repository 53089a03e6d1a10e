// Package tuitest is what tests of the terminal interface use: a scripted Backend
// that answers when it is told to, a driver that runs the application without a
// terminal or a clock, and the conformance kit that every Backend must pass.
package tuitest
