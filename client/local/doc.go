// Package local finds this machine's own server, starts it where it does not
// run, and replaces one that is older than the program: an http.RoundTripper
// that a client.Client takes as its transport.
//
// The server is "aichat-server local", the program beside the running one, else
// the one on PATH. What the two agree on:
//
//   - The client runs "aichat-server local --socket S --database D --log L"
//     detached, in a session of its own, while it holds a lock on start.lock in
//     the runtime folder, so that two terminals at once start one.
//   - The server holds a lock on DATABASE.lock for as long as it has the database
//     open. Once it has it, it removes a socket that nobody listens on, listens,
//     and then writes "ready" and a line feed to its standard output, to which
//     it never writes again: the client has gone from it. What it says on
//     standard error before that is shown when it does not get so far.
//   - Both ends check that the other is the same user. The client does so by the
//     socket's folder, which nobody else may enter, and on Linux and macOS by
//     the peer's credentials. On Windows, which has none for such sockets, the
//     folder's own protection below the user's profile must do.
//   - A retired server takes no new turns and exits when the last one has ended.
//
// The package imports client, client/config, client/version, client/wire and a
// file lock. It is apart from client because a program that talks to a remote
// server starts nothing.
package local
