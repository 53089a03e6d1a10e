package tui

import "github.com/google/uuid"

// newID names what the interface makes: ids are made by whoever creates the thing,
// so that what is sent twice is one.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil { // no randomness: nothing would work
		panic(err)
	}
	return id.String()
}
