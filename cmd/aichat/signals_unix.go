//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

var pipeSignals = []os.Signal{syscall.SIGPIPE}

// brokenPipe reports whether a write failed because nobody reads any more.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
