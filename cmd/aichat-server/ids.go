package main

import (
	"fmt"
	"strings"
)

// shortID is as much of an id as tables show: of a UUIDv7 the time in milliseconds.
// A thing may be named by as much. What is no UUID stays as it is.
func shortID(id string) string {
	const uuid, short = len("0193a7c2-4f1b-7000-8000-000000000001"), len("0193a7c2-4f1b")
	if len(id) != uuid {
		return id
	}
	return id[:short]
}

// leastOfID is how much of an id names a thing at least, in characters: less is
// typed by mistake, and may by accident be one thing's alone.
const leastOfID = 4

// withID finds the one thing that the beginning of its id names, in any case. What
// says what such a thing is; see is the command that lists them.
func withID[T any](all []T, idOf func(*T) string, typed, what, see string) (T, error) {
	var none T
	if len(typed) < leastOfID {
		return none, &usageError{fmt.Errorf("%q is too little of a %s's id: type %d characters of it at least; see: %s", typed, what, leastOfID, see)}
	}
	var found []*T
	for i := range all {
		if strings.HasPrefix(idOf(&all[i]), strings.ToLower(typed)) {
			found = append(found, &all[i])
		}
	}
	switch len(found) {
	case 0:
		return none, fmt.Errorf("there is no %s %q; see: %s", what, typed, see)
	case 1:
		return *found[0], nil
	}
	return none, fmt.Errorf("the ids of %d %ss begin with %q: type more of it; see: %s", len(found), what, typed, see)
}
