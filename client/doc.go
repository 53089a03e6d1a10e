// Package client is the Go SDK of an aichat server: conversations, turns and
// their streams, search, sync.
//
// It speaks the native API whose shapes client/wire holds. A Client is made
// with New and is safe for concurrent use; it starts no goroutine of its own
// and keeps nothing but its transport's connections. An Authority signs a program
// in, and a Session keeps it signed in. What a turn says comes as
// a Stream, which reconnects by itself and tells every delta exactly once, in
// order; an Assembler makes the answer's parts of it.
//
// An error is one of these, found with errors.As:
//
//   - *Error: the server answered, with a problem that has a code
//   - *UnreachableError: nobody answered
//   - *ProtocolError: something answered that is no aichat server, or not one
//     that we understand
//   - *GoneError: a stream's turn is no longer known to the server
//   - *AmbiguousError: several conversations begin with a prefix
//   - *OAuthError: the server refused to sign a program in
//   - *SignInError: nobody is signed in, or not any more
//
// or the error of the caller's own context.
//
// The package imports the standard library, client/wire and client/version,
// never the server and never a user interface: it is the half that scripts and
// other programs may build on. How a local server is found and started is
// client/local, which is but a transport here.
package client
