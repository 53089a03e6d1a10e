// Package logtest has what tests read logs by. It imports the standard library only,
// so that any test can use it, and is not for the program.
package logtest

import (
	"bytes"
	"sync"
)

// Log is a log that may be read while it is written. The zero Log is empty. It is
// safe for concurrent use, and is not copied once it is used.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer; it does not fail.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all that was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
