// Package remote is the little that all identity providers share about asking
// somebody else's server over HTTP: how long, how much, and how far it is
// followed; and what its refusals are as faults.
//
// A client secret and an access token go with these requests, so no redirect to
// another host is followed, and an error's cause never holds a body.
//
// It stands below oidc and github and beside neither, so that neither imports
// the other. It imports fault, x/oauth2 for the type of its error, and the
// standard library.
package remote
