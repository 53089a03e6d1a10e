// Package workspace is the terminal interface's Backend over a server: package
// client, in the interface's words. It is the one package where tui and client
// meet outside the programs themselves.
//
// It keeps nothing: what was pulled from a remote server to be read without it
// belongs to a cache below this package, and the interface need not know.
package workspace
