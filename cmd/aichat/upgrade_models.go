package main

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
)

// A pattern stands for models, as the server's plans name them: provider/name, or a
// beginning of it and a star; empty, as of a limit: all.

// covers reports whether a pattern stands for every model for which the other does.
func covers(pattern, other string) bool {
	beginning, open := strings.CutSuffix(pattern, "*")
	if pattern == "" || open && strings.HasPrefix(strings.TrimSuffix(other, "*"), beginning) {
		return true
	}
	return pattern == other
}

// overlap reports whether there can be models for which both patterns stand: as
// they are beginnings, the one covers the other then.
func overlap(a, b string) bool { return covers(a, b) || covers(b, a) }

// hasAnyOf reports whether a plan has models for which a pattern stands, as a
// model's own id does for it alone.
func hasAnyOf(o *wire.Offer, pattern string) bool {
	return slices.ContainsFunc(modelsOf(o), func(has string) bool { return overlap(has, pattern) })
}
