// Package server puts the server together. It is the map:
//
//	DOORS   httpapi                        what clients see
//	VERBS   turn ─► generate               what is done
//	NOUNS   identity conversation          what it is done to
//	        provider vault quota usage
//	LEAF    fault                          how it fails
//	EDGES   store provider/{anthropic,openai,gemini,demo}
//
// Nouns and verbs know the standard library and what stands below them; edges
// know the nouns and verbs whose interfaces they implement; doors know nouns,
// verbs and client/wire. Only this package imports everything, and only cmd/...
// imports this package. arch_test.go holds all of that.
//
// A Server is opened, served and closed: Open makes it of a Config, Serve runs
// it behind its doors until its context ends, and lets what runs come to an end
// within the grace. Local does the same for one person's machine, over a Unix
// socket.
package server
