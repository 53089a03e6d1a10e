package main

import (
	"strings"

	"github.com/aichat-term/aichat/tui/terminal"
)

// inert makes a text from elsewhere safe to print: what could steer a terminal
// is made visible.
func inert(s string) string { return terminal.Clean(s) }

// oneLine does the same with a name, a title or an id, and makes it one line:
// white space becomes single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(terminal.Line(s)), " ") }
