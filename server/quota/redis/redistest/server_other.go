//go:build !unix

package redistest

import (
	"errors"
	"testing"
)

// Server is a Redis of a test's own.
type Server struct {
	URL   string
	Ended <-chan struct{}
}

var errSystem = errors.New("tests need Redis: set " + Variable + " to the URL of a server")

func start() (*Server, error) { return nil, errSystem }

// Own fails: a server of our own needs Unix sockets and signals.
func Own(t testing.TB) *Server {
	t.Helper()
	t.Fatal(errSystem)
	return nil
}

// End does nothing.
func (s *Server) End() {}

// Again fails as Own does.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	t.Fatal(errSystem)
}
