// Package tui is the full-screen terminal interface.
//
// The root holds the application: App keeps the state, Update routes messages in
// one switch, and effects.go is the only place where anything leaves the program:
// it turns what is asked into commands. The packages below draw and keep state;
// they know no Backend and do no I/O. Nothing in Update or View waits.
//
// What the interface needs of a server is the Backend interface, of the person's
// own machine the Host interface: package client/workspace implements the one, a
// Local here the other. It imports client/wire for the shapes, and no other
// package of the client or the server.
package tui
