// Package httpapi is the server's front door: the native API under /api/v1, its
// description and its health.
//
// Every route stands in one table (routes.go), every failure in another
// (errors.go). The JSON routes run through Huma, which reads parameters and
// keeps the OpenAPI document true; the routes that stream are plain Gin,
// because they are what this server exists for, and are described by hand in
// the same document.
//
// There are two ways in. Over TCP a request carries a bearer token. Over the
// Unix socket of a local server it carries nothing: the connection itself
// belongs to the owner of the socket, which the listener has checked before
// (see LocalContext). There are no cookies and no CORS headers, so a page in a
// browser can neither borrow a sign-in nor, having rebound a name to this
// address, send the Authorization header that it does not know.
//
// httpapi imports the nouns and verbs, client/wire, Gin and Huma. It knows no
// store and no vendor: both are edges, put together in package server.
package httpapi
