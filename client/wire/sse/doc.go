// Package sse reads and writes the event-stream format of server-sent events,
// as the WHATWG HTML standard defines it in its section on server-sent events
// (text/event-stream).
//
// It is here, under wire, because both halves speak it: the server writes our
// own streams and reads the vendors', the client reads ours. It knows nothing
// of HTTP, reconnection or JSON, and imports the standard library only.
package sse
