package main

import "os"

// closedAtStart reports whether a standard stream was closed when the program
// began.
func closedAtStart(f *os.File) bool {
	_, err := f.Stat()
	return err != nil
}
