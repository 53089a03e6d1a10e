// Package server puts the server together. It is the map:
//
//	DOORS   httpapi oauth web              what clients, programs and browsers see
//	VERBS   turn ─► generate signin job    what is done
//	NOUNS   identity conversation          what it is done to
//	        provider vault quota usage mail
//	LEAF    fault visitor                  how it fails, who comes
//	EDGES   store provider/{anthropic,openai,gemini,demo}
//	        identity/{oidc,github} mail/{smtp,resend,logged}
//
// Nouns and verbs know the standard library and what stands below them; edges
// know the nouns and verbs whose interfaces they implement; doors know nouns,
// verbs and client/wire. Only this package imports everything, and only cmd/...
// imports this package. arch_test.go holds all of that.
//
// A Server is opened, served and closed: Open makes it of a Config, Serve runs
// it behind its doors until its context ends, and lets what runs come to an end
// within the grace. Local does the same for one person's machine, over a Unix
// socket, and Operator answers the operator's API alone, on a database that no
// server holds.
package server
