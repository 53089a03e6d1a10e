// Package detach lets an HTTP answer outlive its handler.
//
// An event stream is held for minutes to say a few words a second. While its
// handler waits, net/http and what stands between hold a deep stack, a second
// goroutine that watches the connection, buffers for reading and for writing,
// the request and its headers: 30 KiB and more, where the connection would do.
// Here an answer is begun by its handler, which returns; the rest is written
// straight to the connection by whoever has it, and waits for nobody where it is
// only offered. Afterwards the connection goes back to its server for the next
// request.
//
// It knows HTTP/1.1 (RFC 9112) and nothing of what is answered, and imports the
// standard library only. It is apart from the doors because both ends of it are:
// the doors detach, and who listens takes back.
package detach
