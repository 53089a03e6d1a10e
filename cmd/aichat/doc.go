// Command aichat is the client: the scriptable commands, and the terminal
// interface that it opens when it is run bare.
//
// There is one file per command. main does nothing but call run, which tests
// call too; run builds the tree of commands and turns an error into a sentence
// and an exit status, by one table. A command borrows what it needs from the
// program (configuration, the connection to the server) and opens nothing else:
// `aichat version` reads no file and speaks to nobody.
//
// It may import client and the packages below it, and tui; never the server.
package main
