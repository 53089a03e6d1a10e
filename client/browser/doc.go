// Package browser opens a page in the person's browser, where there is one in
// front of them.
//
// The address goes to a program of a fixed list, or the one that BROWSER names,
// as one argument and without a shell. It is http or https and of the origin that
// the caller expects; a server cannot have anything else opened. The package
// imports the standard library, and client/config for what an origin is. It is
// not in the command, because the full screen opens pages too.
package browser
