//go:build !unix

package pgtest

import "errors"

// start fails: a server of our own needs Unix sockets and signals.
func start() (string, error) {
	return "", errors.New("tests need Postgres: set " + Variable +
		" to the URL of a server on which databases may be created")
}
